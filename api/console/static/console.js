// Comfort only: whatever is done here can be done without it.
// Once the page is there: the place that its address names is gone to before.
const summary = document.querySelector(".summary");
if (summary) addEventListener("load", () => summary.focus());

// A decision that is not made yet is looked for again.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), 1000 * again.dataset.again);

// What stands in a form is kept from time to time, and when the page is left.
for (const form of document.querySelectorAll("form[data-draft]")) {
  let changed = false;
  const keep = () => {
    if (!changed) return;
    changed = false;
    const entered = new URLSearchParams(new FormData(form));
    entered.set("save", "quiet");
    fetch(form.action, { method: "POST", body: entered, keepalive: true }).catch(() => (changed = true));
  };
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
  setInterval(keep, 10000);
}

// A text file is read into the box beside it; it is sent as text that everybody can see and mend.
const read = document.querySelector("[data-reads-into]");
if (read) {
  read.hidden = false;
  read.querySelector("input").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file || file.size > 200000) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const marks = { 255254: "utf-16le", 254255: "utf-16be" };
    let text;
    try {
      text = new TextDecoder(marks["" + bytes[0] + bytes[1]] || "utf-8", { fatal: true }).decode(bytes);
    } catch (error) {
      text = new TextDecoder("gb18030").decode(bytes);
    }
    document.getElementById(read.dataset.readsInto).value = text;
  });
}

// Files go up in parts and from where they stopped, digested here and there (docs/evidence.md).
document.documentElement.classList.add("scripts");
const FIRST = 1 << 20, PART = 8 << 20; // by the first part the server knows the kind, before all is sent for nothing
const AGAIN = [408, 409, 423, 502, 503, 504];
const TUS = { "Tus-Resumable": "1.0.0" };

class Refused extends Error {}

function ask(path, options = {}) {
  const token = document.querySelector("input[name=form_token]").value;
  return fetch(path, { cache: "no-store", ...options, headers: { ...TUS, ...options.headers, "Form-Token": token } });
}

async function refusal(answer) {
  const said = await answer.json().catch(() => ({ detail: `服务器答复 ${answer.status}。` }));
  return new Refused(said.detail);
}

function digested(file, progress) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("sha256.js", import.meta.url));
    worker.onerror = () => reject(new Refused("不能计算摘要。"));
    worker.onmessage = ({ data }) => {
      if (data.done) return progress(data.done);
      worker.terminate();
      return data.sha256 ? resolve(data.sha256) : reject(new Refused("读不了这个文件，请重新选择。"));
    };
    worker.postMessage(file);
  });
}

async function listed(path) {
  const answer = await ask(path);
  if (!answer.ok) throw await refusal(answer);
  return (await answer.json()).items;
}

async function begun(said, size) {
  const encoded = Object.entries(said).filter(([, text]) => text).map(([name, text]) => `${name} ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`);
  const answer = await ask("/evidence/uploads", { method: "POST", headers: { "Upload-Length": size, "Upload-Metadata": encoded.join(",") } });
  if (answer.status !== 201) throw await refusal(answer);
  return answer.headers.get("Location");
}

// From where the server says that it stands; gives the digest that was computed there. A line that broke is tried again.
async function sent(address, file, progress, broken) {
  for (let tries = 1, answer = null; ; ) {
    try {
      answer = answer || (await ask(address, { method: "HEAD" }));
      if (AGAIN.includes(answer.status)) throw new TypeError();
      if (!answer.ok) throw answer.status === 404 || answer.status === 410 ? new Refused("这一上传已经过期或者撤销，请重新上传。") : await refusal(answer);
      const theirs = answer.headers.get("Evidence-Digest"), at = Number(answer.headers.get("Upload-Offset"));
      progress(at);
      if (theirs) return theirs.split(",")[0].replace("sha256:", "");
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": at };
      answer = await ask(address, { method: "PATCH", headers, body: file.slice(at, at + (at ? PART : FIRST)) });
      tries = 1;
    } catch (error) {
      if (error instanceof Refused) throw error;
      broken();
      answer = null;
      await new Promise((resolve) => setTimeout(resolve, Math.min(tries++, 10) * 1000));
    }
  }
}

async function upload(place, file, keeper) {
  const batch_no = place.dataset.upload, at = `/batches/${encodeURIComponent(batch_no)}/evidence`;
  const item = document.createElement("li"), bar = document.createElement("progress"), said = document.createElement("p");
  bar.max = file.size;
  bar.value = 0;
  bar.setAttribute("aria-label", `${file.name}的进度`);
  said.setAttribute("role", "status");
  item.append(file.name, bar, said);
  place.querySelector(".uploads").prepend(item);
  const progress = (what) => (done) => {
    bar.value = done;
    said.textContent = `${what}（${Math.floor((100 * done) / file.size)}%）`;
  };
  try {
    const sha256 = await digested(file, progress("正在计算摘要"));
    const known = (await listed(at)).some((one) => one.sha256 === sha256);
    const earlier = known || (await listed(`${at}/uploads`)).find((one) => one.declared_sha256 === sha256);
    const address = known ? "" : earlier ? `/evidence/uploads/${earlier.upload_id}` : await begun({ filename: file.name, batch_no, sha256, keeper }, file.size);
    const broken = () => (said.textContent = "网络中断，即将自动续传…");
    const theirs = known ? sha256 : await sent(address, file, progress("已上传"), broken);
    if (theirs !== sha256) throw new Refused(`入库的摘要 ${theirs} 与本机计算的 ${sha256} 不符。`);
    bar.value = file.size;
    said.textContent = known ? "这个文件已经入库。" : `已入库，两边计算的摘要一致：${sha256}`;
    said.className = "good";
    return sha256;
  } catch (error) {
    said.textContent = error instanceof Refused ? error.message : `没有传完：${error.message}`;
    said.className = "bad";
    return "";
  }
}

// Among a form's choices it appears chosen.
function choose(place, sha256, name) {
  const known = [...document.getElementsByName(place.dataset.choose)].find((one) => one.value === sha256);
  if (known) return void (known.checked = true);
  const label = document.createElement("label"), input = document.createElement("input");
  Object.assign(input, { type: place.dataset.type, name: place.dataset.choose, value: sha256, checked: true });
  label.append(input, ` ${name}`);
  document.getElementById(place.dataset.choose).append(label);
}

for (const place of document.querySelectorAll("[data-upload]")) {
  const files = place.querySelector("input[type=file]");
  const taken = async () => {
    const keeper = place.elements ? place.elements.keeper.value.trim() : "", chosen = [...files.files];
    files.value = "";
    for (const file of chosen) {
      const sha256 = await upload(place, file, keeper);
      if (sha256 && place.dataset.choose) choose(place, sha256, file.name);
    }
    if (place.dataset.choose) return;
    const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    document.getElementById("kept").replaceWith(fresh.getElementById("kept"));
  };
  files.multiple = place.dataset.type !== "radio";
  if (place.dataset.choose) files.addEventListener("change", taken);
  else place.addEventListener("submit", (event) => (event.preventDefault(), taken()));
}

// A scanner sends Enter after each number: the next letter is at hand; a label's code finds its letter.
const numbers = [...document.querySelectorAll("input[data-letter]")];
for (const field of document.querySelectorAll("input[data-letter], #scanned")) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const found = field.id === "scanned" ? numbers.filter((one) => one.dataset.letter === field.value.trim()) : numbers.slice(numbers.indexOf(field) + 1);
    const next = found.find((one) => !one.value) || found[0];
    if (!next && field.id === "scanned") return;
    event.preventDefault();
    if (field.id === "scanned") field.value = "";
    (next || document.getElementById("check")).focus();
  });
}
