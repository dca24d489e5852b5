"use strict";

// Stored texts reach the page as text nodes only, never as markup.

const $ = (id) => document.getElementById(id);
// "device" follows where one is connected.
const views = ["search", "list", "map", "trace", "bank"];
const kinds = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f", "#ff9da7", "#79706e", "#6b8fd6", "#a05195"];
const other = "#bab0ac";
const pageSize = 50;
let view = "search";
let page = 0;
let points = [];
let pointed = -1;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function say(text) {
  $("message").textContent = text;
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  const key = sessionStorage.getItem("key");
  if (key) headers.Authorization = `Bearer ${key}`;
  if (options.json !== undefined) {
    headers["Content-Type"] = "application/json";
    options = { ...options, method: "POST", body: JSON.stringify(options.json) };
  }
  const answer = await fetch(path, { ...options, headers });
  if (answer.status === 401) {
    if (!$("keys").open) $("keys").showModal();
    throw new Error(key ? "this key is not known here" : "this server asks for a key");
  }
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));
    throw new Error(body.detail || `${answer.status} ${answer.statusText}`);
  }
  return answer;
}

const get = async (path, options) => (await ask(path, options)).json();

async function doing(work) {
  say("");
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
}

const owner = () => $("owner").value.trim() || null;
const day = (time) => time.slice(0, 16).replace("T", " ");

function query(parameters) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") search.set(key, value);
  }
  return search.toString();
}

function bar(share, total) {
  const fill = element("span", { class: total ? "fill total" : "fill" });
  fill.style.width = `${Math.round(100 * Math.min(1, Math.max(0, share)))}%`;
  return element("span", { class: "track" }, fill);
}

function origin(memory) {
  const parts = [day(memory.created), memory.owner, memory.role, `key ${memory.key}`];
  return element("span", { class: "faint" }, parts.filter(Boolean).join(" · "));
}

function item(memory, ...more) {
  const open = () => doing(() => details(memory.id));
  const button = element("button", { class: "item", type: "button", onclick: open }, memory.text, element("br"), origin(memory), ...more);
  return element("li", {}, button);
}

// Search

function parts(hit) {
  const rows = [
    ["score", hit.score, true],
    ["meaning", hit.cosine, false],
    ["words", hit.lexical_share, false],
    ["time", hit.time, false],
    ["feedback", hit.feedback, false],
    ["strength", hit.factor, false],
  ];
  const box = element("span", { class: "parts" });
  for (const [name, value, total] of rows) {
    if ((name === "time" || name === "feedback") && value === 0) continue;
    const words = name === "words" && hit.matched.length ? ` (${hit.matched.join(", ")})` : "";
    box.append(element("span", { class: "faint" }, name), bar(value, total), element("span", {}, (name === "words" ? hit.lexical : value).toFixed(3) + words));
  }
  return box;
}

// Who judges an answer has it before, or behind, the others when such a question comes again.
function judging(hit, question) {
  const judge = (feedback) => () => doing(async () => {
    await get("v1/feedback", { json: { memory_id: hit.memory.id, feedback, query: question } });
    await search();
    say(feedback ? "learned" : "taken back");
  });
  const button = (label, text, feedback) => element("button", { type: "button", "aria-label": label, title: label, onclick: judge(feedback) }, text);
  return element("span", { class: "judging" }, button("this answers it", "\u{1F44D}", "POSITIVE"), button("this does not", "\u{1F44E}", "NEGATIVE"), button("take back what was said", "\u21B6", null));
}

async function search() {
  const form = document.querySelector("#search form");
  const found = await get("inspector/api/search", {
    json: { query: form.query.value, owner: owner(), threshold: Number(form.threshold.value), top_k: Number(form.top_k.value) },
  });
  const none = element("li", {}, element("p", { class: "item faint" }, "Nothing scores enough."));
  $("hits").replaceChildren(...(found.hits.length ? found.hits.map((hit) => {
    const shown = item(hit.memory, parts(hit));
    shown.append(judging(hit, form.query.value));
    return shown;
  }) : [none]));
}

// List

async function list() {
  const form = document.querySelector("#list form");
  const found = await get(`inspector/api/memories?${query({ owner: owner(), text: form.text.value, from: form.from.value, to: form.to.value, skip: page * pageSize, count: pageSize })}`);
  $("memories").replaceChildren(...found.memories.map((memory) => item(memory)));
  const last = Math.min((page + 1) * pageSize, found.count);
  $("page").textContent = found.count ? `${page * pageSize + 1}–${last} of ${found.count}` : "none";
  $("newer").disabled = page === 0;
  $("older").disabled = last >= found.count;
}

// Details

function section(name, ...children) {
  return [element("h3", {}, name), ...children];
}

async function details(id) {
  const found = await get(`inspector/api/memory/${encodeURIComponent(id)}`);
  const { memory } = found;
  const facts = [
    ["id", memory.id], ["key", memory.key], ["owner", memory.owner], ["written", day(memory.created)],
    ["read", `${memory.accesses} times, last ${day(memory.accessed)}`],
    ["strength", memory.strength.toFixed(3)], ["importance", memory.importance.toFixed(3)],
    ["metadata", Object.keys(memory.metadata).length ? JSON.stringify(memory.metadata) : "none"],
  ];
  const list = element("dl");
  for (const [name, value] of facts) list.append(element("dt", {}, name), element("dd", {}, String(value)));
  const words = element("span", { class: "parts" });
  for (const { word, likeness } of found.words) words.append(element("span", {}, word), bar(likeness, false), element("span", { class: "faint" }, likeness.toFixed(2)));
  const history = found.history.map((past) => element("p", {}, element("span", { class: "faint" }, `${day(past.at)} ${past.event} `), past.old));
  const trace = element("button", { type: "button", onclick: () => doing(() => traceMemory(id)) }, "Trace");
  $("memory").replaceChildren(
    element("h2", {}, memory.text), list,
    ...section("stands for", found.words.length ? words : "no word of the model is near to it"),
    ...section("history", ...(history.length ? history : ["never changed"])),
    element("p", {}, trace),
  );
  if (!$("details").open) $("details").showModal();
}

// Map

const scale = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function shade(share) {
  const along = Math.min(1, Math.max(0, share)) * (scale.length - 1);
  const stop = Math.min(Math.floor(along), scale.length - 2);
  const mixed = scale[stop].map((from, channel) => Math.round(from + (scale[stop + 1][channel] - from) * (along - stop)));
  return `rgb(${mixed.join(" ")})`;
}

let map = { points: [], clusters: [] };

async function loadMap() {
  map = await get(`inspector/api/map?${query({ owner: owner() })}`);
  pointed = -1;
  draw();
}

function palette(colour) {
  if (colour === "cluster") {
    return [(point) => kinds[point.cluster] || other, map.clusters.map((one, number) => [kinds[number] || other, `${one.words.join(", ")} (${one.size})`])];
  }
  if (colour === "owner") {
    const counts = new Map();
    for (const point of map.points) counts.set(point.owner, (counts.get(point.owner) || 0) + 1);
    const names = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
    const of = new Map(names.slice(0, kinds.length).map((name, number) => [name, kinds[number]]));
    return [(point) => of.get(point.owner) || other, names.slice(0, kinds.length).map((name) => [of.get(name), `${name} (${counts.get(name)})`])];
  }
  const value = colour === "strength" ? (point) => point.strength : (point) => Date.parse(point.created);
  const values = map.points.map(value);
  const [low, high] = colour === "strength" ? [1, 2] : [Math.min(...values), Math.max(...values)];
  const name = (share) => {
    const at = low + share * (high - low);
    return colour === "strength" ? `strength ${at.toFixed(2)}` : new Date(at).toISOString().slice(0, 10);
  };
  const stops = map.points.length ? [0, 0.5, 1].map((share) => [shade(share), name(share)]) : [];
  return [(point) => shade((value(point) - low) / (high - low || 1)), stops];
}

function draw() {
  const canvas = $("plane");
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const paper = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const margin = 24 * ratio;
  const side = Math.min(canvas.width, canvas.height) - 2 * margin;
  const left = (canvas.width - side) / 2;
  const place = ({ x, y }) => [left + x * side, margin + y * side];
  const [colour, legend] = palette(document.querySelector("#map form").colour.value);
  const radius = (map.points.length > 1000 ? 2 : 4) * ratio;
  points = map.points.map((point) => ({ point, place: place(point) }));
  paper.globalAlpha = 0.85;
  for (const { point, place: [x, y] } of points) {
    paper.fillStyle = colour(point);
    paper.beginPath();
    paper.arc(x, y, radius, 0, 2 * Math.PI);
    paper.fill();
  }
  paper.globalAlpha = 1;
  paper.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  paper.textAlign = "center";
  paper.lineWidth = 4 * ratio;
  paper.strokeStyle = style.getPropertyValue("--back");
  paper.fillStyle = style.getPropertyValue("--text");
  for (const cluster of map.clusters) {
    const [x, y] = place(cluster);
    const words = cluster.words.join(", ");
    paper.strokeText(words, x, y);
    paper.fillText(words, x, y);
  }
  if (points[pointed]) {
    const [x, y] = points[pointed].place;
    paper.lineWidth = 2 * ratio;
    paper.strokeStyle = style.getPropertyValue("--strong");
    paper.beginPath();
    paper.arc(x, y, radius + 4 * ratio, 0, 2 * Math.PI);
    paper.stroke();
  }
  $("pointed").textContent = points[pointed] ? `${points[pointed].point.text} (${points[pointed].point.owner})` : "";
  $("legend").replaceChildren(...legend.map(([shown, name]) => {
    const dot = element("i");
    dot.style.background = shown;
    return element("li", {}, dot, name);
  }));
}

function nearest(event) {
  const canvas = $("plane");
  const bounds = canvas.getBoundingClientRect();
  const ratio = canvas.width / bounds.width;
  const [x, y] = [(event.clientX - bounds.left) * ratio, (event.clientY - bounds.top) * ratio];
  let best = -1;
  let least = (20 * ratio) ** 2;
  points.forEach(({ place }, number) => {
    const distance = (place[0] - x) ** 2 + (place[1] - y) ** 2;
    if (distance < least) [best, least] = [number, distance];
  });
  return best;
}

function point(number) {
  if (number !== pointed) {
    pointed = number;
    draw();
  }
}

/** The nearest point in a direction. */
function beside([dx, dy]) {
  if (!points[pointed]) return points.length ? 0 : -1;
  const from = points[pointed].place;
  let best = pointed;
  let least = Infinity;
  points.forEach(({ place }, number) => {
    const along = (place[0] - from[0]) * dx + (place[1] - from[1]) * dy;
    const across = Math.abs((place[0] - from[0]) * dy) + Math.abs((place[1] - from[1]) * dx);
    const far = along + 2 * across;
    if (along > 0 && far < least) [best, least] = [number, far];
  });
  return best;
}

const openPointed = () => points[pointed] && doing(() => details(points[pointed].point.id));

// Trace

const lines = [
  ["similarity", "#59a14f", "likeness to its own text"],
  ["emphasis", "#4e79a7", "likeness to the words that others lack"],
  ["rival", "#f28e2b", "likeness to the nearest other"],
  ["margin", "#b07aa1", "margin to any other"],
  ["loss", "#e15759", "loss (own scale)"],
];

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function chart(states) {
  const [width, height, last] = [420, 200, 8];
  const drawn = svg("svg", { viewBox: `-10 -10 ${width + 20} ${height + 36 + 18 * lines.length}`, role: "img", "aria-label": "The fit, step by step" });
  for (let step = 0; step <= last; step += 1) drawn.append(svg("text", { x: (width * step) / last, y: height + 16, "text-anchor": "middle" }, String(step)));
  drawn.append(svg("path", { d: `M0 0H${width}M0 ${height / 2}H${width}M0 ${height}H${width}`, stroke: "#8884", fill: "none" }));
  lines.forEach(([field, colour, name], number) => {
    const known = states.filter((state) => state[field] !== null);
    const values = known.map((state) => state[field]);
    const [low, high] = field === "loss" ? [Math.min(...values), Math.max(...values)] : [0, 1];
    const at = known.map((state) => [(width * state.step) / last, height * (1 - (state[field] - low) / (high - low || 1))]);
    drawn.append(svg("polyline", { points: at.map((one) => one.join(",")).join(" "), fill: "none", stroke: colour, "stroke-width": 2 }));
    for (const [x, y] of at) drawn.append(svg("circle", { cx: x, cy: y, r: 3, fill: colour }));
    const y = height + 38 + 18 * number;
    drawn.append(svg("circle", { cx: 5, cy: y - 4, r: 5, fill: colour }), svg("text", { x: 16, y }, name));
  });
  return drawn;
}

function traced(trace) {
  const table = element("table", {}, element("tr", {}, ...["step", "loss", "own text", "margin", "words", "nearest"].map((name) => element("th", {}, name))));
  const number = (value) => (value === null ? "–" : value.toFixed(4));
  for (const state of trace.states) {
    const cells = [state.step, number(state.loss), number(state.similarity), number(state.margin), number(state.emphasis), number(state.rival)];
    table.append(element("tr", {}, ...cells.map((cell) => element("td", {}, String(cell)))));
  }
  const rivals = trace.rivals.map((text) => element("li", {}, text));
  const box = element("article", {}, element("h3", {}, trace.text));
  if (rivals.length) box.append(element("p", { class: "faint" }, "nearly the same:"), element("ul", {}, ...rivals));
  if (trace.emphasis) box.append(element("p", {}, element("span", { class: "faint" }, "words that most of them lack: "), trace.emphasis));
  box.append(table, element("p", { class: "faint" }, `ends: ${trace.ending}`), chart(trace.states));
  return box;
}

function showTraces(found) {
  $("traces").replaceChildren(...found.traces.map(traced));
}

async function traceText() {
  const text = document.querySelector("#trace form").text.value;
  showTraces(await get("inspector/api/trace", { json: { text, owner: owner() } }));
}

async function traceMemory(id) {
  const found = await get("inspector/api/trace", { json: { id } });
  $("details").close();
  show("trace");
  showTraces(found);
}

// Bank

function pairs(list, values) {
  const rows = Object.entries(values).filter(([, value]) => value !== null);
  list.replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, String(value))]));
}

async function statistics() {
  const found = await get("inspector/api/statistics");
  pairs($("statistics"), found.statistics);
  if (found.device && !views.includes("device")) offerDevice();
  $("owners").replaceChildren(...found.owners.map((name) => element("option", { value: name })));
}

async function download(path, name) {
  const answer = await ask(path);
  const url = URL.createObjectURL(await answer.blob());
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const save = () => download(`inspector/api/snapshot?${query({ owner: owner() })}`, "memt.slots");

async function takeIn(path, file) {
  const report = await get(path, { method: "POST", body: file });
  await statistics();
  say(`taken in: ${report.added} memories, ${report.known} were there, ${report.deleted} deletions`);
}

// Device

function offerDevice() {
  $("tab-device").hidden = false;
  $("last-view").textContent = "6";
  views.push("device");
}

async function device() {
  const found = await get("inspector/api/device");
  pairs($("device-state"), { port: found.port, ...found.device });
  $("device-take").disabled = !found.same_model;
  $("device-take").title = found.same_model ? "" : "the device has another model than this memory";
}

async function searchDevice() {
  const form = document.querySelector("#device form");
  const found = await get("inspector/api/device/search", {
    json: { query: form.query.value, owner: owner(), threshold: Number(form.threshold.value) },
  });
  const none = element("li", {}, element("p", { class: "item faint" }, "Nothing on the device scores enough."));
  const shown = (hit) => element("li", {}, element("div", { class: "item", tabindex: "0" }, hit.text, element("br"), origin(hit), parts({ ...hit, matched: [], time: 0, feedback: 0 })));
  $("device-hits").replaceChildren(...(found.hits.length ? found.hits.map(shown) : [none]));
}

// The page

const load = { search: () => document.querySelector("#search form").query.value && search(), list, map: loadMap, trace: () => {}, bank: statistics, device };

function show(name) {
  view = name;
  for (const one of views) {
    const tab = $(`tab-${one}`);
    $(one).hidden = one !== name;
    tab.setAttribute("aria-selected", String(one === name));
    tab.tabIndex = one === name ? 0 : -1;
  }
}

const visit = (name) => {
  show(name);
  doing(load[name]);
};

function move(step) {
  const shown = [...document.querySelectorAll(`#${view} .item`)];
  const at = shown.indexOf(document.activeElement);
  const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step))];
  if (next) next.focus();
}

const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input, select, textarea");
  if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    event.preventDefault();
    show("search");
    document.querySelector("#search form").query.focus();
  } else if (views[event.key - 1]) {
    visit(views[event.key - 1]);
    $(`tab-${view}`).focus();
  } else if (event.target.id === "plane" && directions[event.key]) {
    event.preventDefault();
    point(beside(directions[event.key]));
  } else if (event.target.id === "plane" && event.key === "Enter") {
    openPointed();
  } else if (event.target.role === "tab" && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    const step = event.key === "ArrowLeft" ? views.length - 1 : 1;
    visit(views[(views.indexOf(view) + step) % views.length]);
    $(`tab-${view}`).focus();
  } else if (event.key === "j") {
    move(1);
  } else if (event.key === "k") {
    move(-1);
  }
});

for (const name of [...views, "device"]) $(`tab-${name}`).addEventListener("click", () => visit(name));
const submit = (name, work) => document.querySelector(`#${name} form`).addEventListener("submit", (event) => {
  event.preventDefault();
  doing(work);
});
submit("search", search);
submit("list", () => { page = 0; return list(); });
submit("map", loadMap);
submit("trace", traceText);
submit("device", searchDevice);
$("newer").addEventListener("click", () => { page -= 1; doing(list); });
$("older").addEventListener("click", () => { page += 1; doing(list); });
$("owner").addEventListener("change", () => { page = 0; doing(load[view]); });
document.querySelector("#map form").colour.addEventListener("change", draw);
$("plane").addEventListener("pointermove", (event) => event.pointerType === "mouse" && point(nearest(event)));
$("plane").addEventListener("click", (event) => {
  const near = nearest(event);
  const again = near === pointed;
  point(near);
  if (again || event.pointerType === "mouse") openPointed();
});
window.addEventListener("resize", () => view === "map" && draw());
$("close").addEventListener("click", () => $("details").close());
$("keys").addEventListener("close", () => {
  sessionStorage.setItem("key", $("key").value);
  $("key").value = "";
  doing(async () => { await statistics(); await load[view](); });
});
$("export").addEventListener("click", () => doing(save));
$("import").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) doing(() => takeIn("inspector/api/snapshot", file));
});
$("device-export").addEventListener("click", () => doing(() => download("inspector/api/device/snapshot", "device.slots")));
$("device-take").addEventListener("click", () => doing(() => takeIn("inspector/api/device/snapshot")));
$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  if (view === "map") draw();
});
setInterval(() => view === "bank" && !document.hidden && !$("keys").open && doing(statistics), 3000);
doing(statistics);
document.querySelector("#search form").query.focus();
