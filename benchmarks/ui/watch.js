// Runs before a page's own code: when it was ready, what moved, which frames came late; all of it at `window.bench`.
(() => {
  const LIMIT_MS = 180_000;
  const bench = { shift: 0, ready: null, began: null, answered: null };
  window.bench = bench;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) bench.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });

  const all = (selector) => [...document.querySelectorAll(selector)];
  const drawn = (chart) => chart.dataset.ready === "true" && chart.querySelector("svg path");

  // What must be on the screen for somebody to call a page ready.
  bench.tests = {
    overview: () =>
      all("main .tile [data-exact], main .tile[data-exact]").length >= 4 &&
      all("[data-chart]").length >= 4 &&
      all("[data-chart]").every(drawn) &&
      all('main [aria-label="Latest requests"] tbody tr').length > 0,
    settled: () => document.querySelector("main") && !all("main [aria-busy=true]").length,
    grid: () => all("[role=grid]:not([aria-busy=true]) [role=row] [data-cell]").some((cell) => cell.innerText.trim()),
    trace: () => all("[role=treegrid] [role=row][aria-level]").length > 0,
  };

  // The moment at which what fulfils the test has been painted, in ms since the page's start.
  bench.until = (test) =>
    new Promise((resolve, reject) => {
      const last = performance.now() + LIMIT_MS;
      const look = (now) => {
        if (test()) requestAnimationFrame(resolve);
        else if (now > last) reject(new Error(`Not within ${LIMIT_MS} ms: ${test}`));
        else requestAnimationFrame(look);
      };
      look(performance.now());
    });

  // A trace is there when it obeys: the first key that is pressed moves to another span.
  bench.obeys = async () => {
    await bench.until(bench.tests.trace);
    const grid = document.querySelector("[role=treegrid]");
    grid.focus();
    const before = grid.getAttribute("aria-activedescendant");
    grid.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true }));
    return bench.until(() => grid.isConnected && grid.getAttribute("aria-activedescendant") !== before);
  };

  // From what somebody does to the first frame that shows what it brings.
  for (const kind of ["keydown", "click"])
    addEventListener(kind, (event) => event.isTrusted && (bench.began = event.timeStamp), { capture: true });
  bench.after = async (test) => {
    const until = await bench.until(test);
    return until - bench.began;
  };

  // Down a table as fast as it goes: how long each frame took, and how many elements there were at most.
  bench.scroll = async (selector, frames, step) => {
    const host = document.querySelector(selector);
    const took = [];
    let nodes = 0;
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < frames; frame++) {
      host.scrollTop += step;
      const now = await new Promise(requestAnimationFrame);
      took.push(now - last);
      last = now;
      nodes = Math.max(nodes, document.querySelectorAll("*").length);
    }
    return { took, nodes, top: host.scrollTop };
  };
})();
