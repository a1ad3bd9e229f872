/** A panel with charts in; its picture as SVG or PNG, to be saved, out. */
import { token } from "./palette.ts";

const PAD = 16;
const TITLE = 32;
const ROW = 20;
const PER_ROW = 4;

function words(text: string, x: number, y: number, size: number): string {
  const inside = document.createElement("i");
  inside.textContent = text;
  return `<text x="${x}" y="${y}" font-family="Inter, system-ui, sans-serif" font-size="${size}" fill="${token("text")}">${inside.innerHTML}</text>`;
}

/** The legend beside the charts, as it stands there. */
function named(panel: Element): { name: string; colour: string }[] {
  return [...panel.querySelectorAll(".legend i, .ring i")].map((mark) => ({
    name: mark.parentElement?.textContent?.trim() ?? "",
    colour: getComputedStyle(mark).backgroundColor,
  }));
}

/** Whether there is anything to make a picture of. */
export function isDrawn(panel: Element): boolean {
  return panel.querySelector("[data-chart] svg") !== null;
}

/** All charts of a panel as they stand, under its title. */
export function asSvg(panel: Element, title: string): { text: string; width: number; height: number } {
  const around = panel.getBoundingClientRect();
  const charts = [...panel.querySelectorAll("[data-chart] svg")].map((svg) => ({
    svg,
    at: svg.getBoundingClientRect(),
  }));
  const top = Math.min(...charts.map(({ at }) => at.top));
  const bottom = Math.max(...charts.map(({ at }) => at.bottom));
  const legend = named(panel);
  const under = bottom - top + TITLE + 2 * PAD;
  const rows = Math.ceil(legend.length / PER_ROW);
  const [width, height] = [Math.ceil(around.width), Math.ceil(under + rows * ROW)];
  const names = legend.map(({ name, colour }, at) => {
    const x = PAD + ((width - 2 * PAD) / PER_ROW) * (at % PER_ROW);
    const y = under + ROW * Math.floor(at / PER_ROW);
    return `<rect x="${x}" y="${y - 9}" width="10" height="10" rx="2" fill="${colour}"/>${words(name, x + 16, y, 12)}`;
  });
  const inner = charts.map(({ svg, at }) => {
    const copy = svg.cloneNode(true) as SVGElement;
    copy.setAttribute("x", String(at.left - around.left));
    copy.setAttribute("y", String(at.top - top + TITLE + PAD));
    copy.removeAttribute("style");
    return new XMLSerializer().serializeToString(copy);
  });
  const text = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${token("panel")}"/>`,
    words(title, PAD, PAD + 14, 15),
    ...inner,
    ...names,
    "</svg>",
  ].join("");
  return { text, width, height };
}

const SHARP = 2;

export async function asPng(panel: Element, title: string): Promise<Blob> {
  const { text, width, height } = asSvg(panel, title);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * SHARP;
  canvas.height = height * SHARP;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((made, failed) =>
    canvas.toBlob((blob) => (blob ? made(blob) : failed(new Error("The picture could not be drawn."))), "image/png"),
  );
}
