"""Two pictures of a page in; the share of it that looks different, and where, out. A browser does the reading and the sums.

Pictures are kept at half size: what differs in the smoothing of a letter's edge is averaged away before it is compared.
"""

import base64
from dataclasses import dataclass

from playwright.sync_api import Page

MOST_OF_A_CHANNEL = 40
"""Of 255: what is nearer counts as the same. A hairline that moves, a letter that is another, is farther."""

_HALVED = """async (data) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
  const canvas = new OffscreenCanvas(image.width >> 1, image.height >> 1);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 1 })).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}"""

_COMPARED = """async ([one, other, most]) => {
  const read = async (data) => {
    const image = await createImageBitmap(await (await fetch("data:image/webp;base64," + data)).blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await read(one), await read(other)];
  if (a.width !== b.width || a.height !== b.height)
    return { share: 1, where: `${a.width}x${a.height} became ${b.width}x${b.height}` };
  let count = 0, left = a.width, top = a.height, right = 0, bottom = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    const far = Math.max(...[0, 1, 2].map((channel) => Math.abs(a.data[at + channel] - b.data[at + channel])));
    if (far <= most) continue;
    const [x, y] = [(at >> 2) % a.width, Math.floor((at >> 2) / a.width)];
    [count, left, top, right, bottom] =
      [count + 1, Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return { share: count / (a.width * a.height), where: `x ${left}-${right}, y ${top}-${bottom}` };
}"""


@dataclass(frozen=True)
class Difference:
    """How much of two pictures is not the same."""

    share: float
    where: str
    """In pixels of the kept size."""


def halved(browser_page: Page, png: bytes) -> bytes:
    """The picture at half its size, without loss, as WebP."""
    return base64.b64decode(browser_page.evaluate(_HALVED, base64.b64encode(png).decode()))


def difference(browser_page: Page, one: bytes, other: bytes) -> Difference:
    """Between two pictures as they are kept."""
    told = browser_page.evaluate(
        _COMPARED, [base64.b64encode(one).decode(), base64.b64encode(other).decode(), MOST_OF_A_CHANNEL]
    )
    return Difference(told["share"], told["where"])
