// Keeps the dashboard up to date: readings, presence and the answers of devices.
import uPlot from "./uplot/uPlot.esm.js";

const HISTORY = 120;
const PATIENCE_MS = 5000;
const SILENCE_S = 20; // A device that says nothing for so long was away: the line is cut.
const DELAYS_MS = [500, 1000, 2000, 5000, 10000];
const SERIES = ["--link", "--accent", "--soft"];
const WORDS = new Map([[true, "on"], [false, "off"]]);

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A value that a reading lacks is no gap: another reading has it.
function silences(plot, _series, first, last) {
  const found = [];
  const position = (index) => Math.round(plot.valToPos(plot.data[0][index], "x", true));
  for (let index = first + 1; index <= last; index++) {
    if (plot.data[0][index] - plot.data[0][index - 1] > SILENCE_S) {
      found.push([position(index - 1), position(index)]);
    }
  }
  return found;
}

class Device {
  constructor(element) {
    this.element = element;
    this.slug = element.dataset.device;
    this.times = [];
    this.values = new Map(); // The history of each value, by its name.
    this.switch = this.find("[data-switch]");
    this.switch.addEventListener("click", () => this.ask());
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  setOnline(isOnline) {
    if (this.element.dataset.online === String(isOnline)) return;
    this.element.dataset.online = isOnline;
    this.find("[data-presence]").textContent = isOnline ? "online" : "offline";
  }

  // The history, anew.
  reset(readings) {
    this.times = [];
    this.values.clear();
    for (const [at, values] of readings) this.add(at, values);
    this.draw();
  }

  add(at, values) {
    this.times.push(at);
    for (const name of Object.keys(values)) {
      if (!this.values.has(name)) this.values.set(name, Array(this.times.length - 1).fill(null));
    }
    for (const [name, history] of this.values) history.push(values[name] ?? null);
    const surplus = this.times.length - HISTORY;
    if (surplus > 0) {
      for (const history of [this.times, ...this.values.values()]) history.splice(0, surplus);
    }
  }

  draw() {
    if (!this.times.length) return;
    const names = [...this.values.keys()];
    const list = this.find("[data-values]");
    if (list.children.length !== names.length || this.names !== names.join()) {
      list.replaceChildren(...names.map((name, index) => {
        const row = document.createElement("div");
        row.append(document.createElement("dt"), document.createElement("dd"));
        row.firstChild.textContent = name;
        if (index < SERIES.length) row.style.setProperty("--series", `var(${SERIES[index]})`);
        return row;
      }));
      this.names = names.join();
      this.plot?.destroy();
      this.plot = null;
    }
    names.forEach((name, index) => {
      const last = this.values.get(name).findLast((value) => value !== null);
      list.children[index].lastChild.textContent = last === undefined ? "–" : number.format(last);
    });
    this.find("[data-last]").textContent = `last reading ${clock.format(this.times.at(-1) * 1000)}`;
    const shown = names.slice(0, SERIES.length);
    const data = [this.times, ...shown.map((name) => this.values.get(name))];
    if (this.plot) this.plot.setData(data);
    else this.plot = new uPlot(this.options(shown), data, this.find("[data-plot]"));
  }

  options(names) {
    const axis = {
      stroke: colour("--soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    const { clientWidth: width, clientHeight: height } = this.find("[data-plot]");
    return {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [10, 34, 0, 0],
      axes: [
        { ...axis, space: 90, values: (_, seconds) => seconds.map((at) => clock.format(at * 1000)) },
        { ...axis, size: 60, space: 32 },
      ],
      series: [
        {},
        ...names.map((label, index) => ({
          label,
          stroke: colour(SERIES[index]),
          width: 2,
          gaps: silences,
          dash: index ? [6, 4] : undefined, // Lines differ by more than their colour.
          points: { show: (plot) => plot.data[0].length < 3 },
        })),
      ],
    };
  }

  // The colours or the width are others.
  redraw() {
    this.plot?.destroy();
    this.plot = null;
    this.draw();
  }

  say(text, isProblem = false) {
    const said = this.find("[data-said]");
    said.textContent = text;
    said.dataset.said = isProblem ? "problem" : "";
  }

  // Ask the device; the switch moves when it answers.
  ask() {
    if (this.switch.ariaBusy === "true") return;
    const level = this.switch.ariaChecked === "true" ? 0 : 1;
    if (!send({ device: this.slug, event: this.switch.dataset.switch, data: level })) {
      this.say("not sent: the connection is lost", true);
    }
  }

  // Somebody, here or elsewhere, asked it.
  wait() {
    this.switch.ariaBusy = "true";
    this.say("asking…");
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.fail("no answer from the device"), PATIENCE_MS);
  }

  fail(text) {
    clearTimeout(this.patience);
    this.switch.ariaBusy = null;
    this.say(text, true);
  }

  answer(state) {
    if (!(this.switch.dataset.switch in state)) return;
    const isOn = Boolean(state[this.switch.dataset.switch]);
    clearTimeout(this.patience);
    this.switch.ariaBusy = null;
    this.switch.ariaChecked = String(isOn);
    this.say(WORDS.get(isOn));
  }
}

const devices = new Map();
for (const element of document.querySelectorAll("[data-device]")) {
  const device = new Device(element);
  devices.set(device.slug, device);
}

const handlers = {
  snapshot: (message) => {
    for (const { slug, online, state, readings } of message.devices) {
      const device = devices.get(slug);
      device?.setOnline(online);
      device?.answer(state);
      device?.reset(readings);
    }
  },
  readings: (message) => {
    const touched = new Set();
    for (const [slug, at, values] of message.readings) {
      const device = devices.get(slug);
      // The snapshot may hold it already.
      if (!device || at <= (device.times.at(-1) ?? 0)) continue;
      device.add(at, values);
      touched.add(device);
    }
    for (const device of touched) device.draw();
  },
  presence: (message) => {
    const online = new Set(message.online);
    for (const [slug, device] of devices) device.setOnline(online.has(slug));
  },
  online: (message) => devices.get(message.device)?.setOnline(true),
  offline: (message) => devices.get(message.device)?.setOnline(false),
  push: (message) => {
    for (const [slug, device] of devices) {
      if (message.push === device.switch.dataset.switch && (message.device ?? slug) === slug) device.wait();
    }
  },
  answer: (message) => devices.get(message.device)?.answer(message.answer),
  problem: (message) => devices.get(message.device)?.fail(message.text),
};

const live = document.querySelector("[data-live]");
live.hidden = false;
let socket;
let attempts = 0;

function showLive(state, text) {
  // A screen reader is told once, not with every attempt.
  if (live.dataset.live === state) return;
  live.dataset.live = state;
  live.textContent = text;
}

function send(message) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/dashboard/`);
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "snapshot") {
      attempts = 0;
      showLive("live", "Live");
    }
    watch();
    handlers[message.type]?.(message);
  });
  socket.addEventListener("close", lose);
}

// The server speaks with every beat; a link that is silent is dead, whatever TCP thinks.
let silence;
function watch() {
  clearTimeout(silence);
  silence = setTimeout(() => {
    socket.removeEventListener("close", lose);
    socket.close();
    lose();
  }, 3 * PATIENCE_MS);
}

function lose() {
  clearTimeout(silence);
  showLive("lost", "Connection lost: these readings are old. Trying again…");
  const delay = DELAYS_MS[Math.min(attempts++, DELAYS_MS.length - 1)];
  setTimeout(connect, delay * (0.5 + Math.random()));
}

const redraw = () => {
  for (const device of devices.values()) device.redraw();
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  redraw();
});
connect();
