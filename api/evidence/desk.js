const FIRST = 1 << 20, PART = 8 << 20; // by the first part the server knows the kind, before all is sent for nothing
const AGAIN = [408, 409, 423, 502, 503, 504];
const KINDS = { recording: "录像、录音", image: "图片", pdf: "PDF 文件", office: "办公文档", archive: "压缩包" };
const get = (id) => document.getElementById(id);
let batch = "", kept = [], unfinished = [];

class Refused extends Error {}

// An element with its text: what people typed is never read as a page.
function made(tag, text = "", kind = "") {
  const one = document.createElement(tag);
  one.textContent = text;
  one.className = kind;
  return one;
}

function tell(text, bad = false) {
  get("told").textContent = text;
  get("told").className = bad ? "told bad" : "told";
}

function bytes(n) {
  return n < 1 << 20 ? `${Math.ceil(n / 1024)} KiB` : n < 1 << 30 ? `${(n / 2 ** 20).toFixed(1)} MiB` : `${(n / 2 ** 30).toFixed(2)} GiB`;
}

function call(path, options = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem("token")}`, ...options.headers };
  return fetch(path, { cache: "no-store", ...options, headers });
}

async function problem(answer) {
  return answer.json().catch(() => ({ detail: `服务器答复 ${answer.status}。` }));
}

async function listed(path) {
  const answer = await call(path);
  if (!answer.ok) throw new Refused((await problem(answer)).detail);
  return (await answer.json()).items;
}

async function refresh() {
  const at = `/batches/${encodeURIComponent(batch)}/evidence`;
  kept = await listed(at);
  // Who may only look has none of their own.
  unfinished = await listed(`${at}/uploads`).catch(() => []);
  get("none").hidden = kept.length > 0;
  get("list").replaceChildren(...kept.map(row));
  const going = new Set([...document.querySelectorAll("#uploads [data-sha256]")].map((one) => one.dataset.sha256));
  document.querySelectorAll("#uploads .stopped").forEach((one) => one.remove());
  for (const one of unfinished.filter((one) => !going.has(one.declared_sha256))) {
    const item = made("li", "", "stopped");
    const bar = Object.assign(made("progress"), { max: one.size, value: one.received });
    bar.setAttribute("aria-label", `${one.filename}已上传`);
    item.append(made("p", one.filename, "name"), bar);
    item.append(made("p", `未传完：已收到 ${bytes(one.received)}，共 ${bytes(one.size)}。再次选择这个文件，从断处继续。`, "about"));
    get("uploads").append(item);
  }
}

function row(one) {
  const item = made("li"), open = made("button", "查阅");
  open.type = "button";
  open.setAttribute("aria-label", `查阅 ${one.filename}`);
  open.onclick = () => look(one, "");
  const at = new Date(one.received_at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" });
  item.append(made("p", one.filename, "name"), one.content ? open : made("span", "已处置", "about"));
  item.append(made("p", `${KINDS[one.kind]}，${bytes(one.size)}；保管人：${one.keeper}；${at} 由${one.uploaded_by.name}上传`, "about"));
  item.append(made("p", one.sha256, "digest"));
  return item;
}

// The answer lets this browser, and nobody else, read this one file for an hour.
async function look(one, reason) {
  const asked = new URLSearchParams({ batch_no: batch, ...(reason ? { reason } : {}) });
  const answer = await call(`/evidence/${one.sha256}/look?${asked}`, { method: "POST" });
  const refused = answer.ok ? {} : await problem(answer);
  if (!answer.ok && refused.code !== "reason_needed") return tell(refused.detail, true);
  get("view").hidden = false;
  get("viewed").textContent = one.filename;
  get("why").hidden = answer.ok;
  get("why").onsubmit = (event) => {
    event.preventDefault();
    look(one, get("reason").value.trim());
  };
  get("shown").replaceChildren(...(answer.ok ? [shown(one, `/evidence/${one.sha256}/content?${asked}`)] : []));
  get("view").scrollIntoView({ block: "start" });
  if (!answer.ok) get("reason").focus();
}

function shown(one, address) {
  const tag = one.kind === "image" ? "img" : one.media_type.startsWith("video/") ? "video" : one.kind === "recording" ? "audio" : "a";
  const part = made(tag);
  if (tag === "a") {
    const opens = one.kind === "pdf";
    part.textContent = opens ? "在新的标签页打开" : "下载";
    return Object.assign(part, { href: address, target: opens ? "_blank" : "", rel: "noopener" });
  }
  part.onerror = () => part.replaceWith(made("p", "浏览器不能显示这种格式，或者内容没有读出；可以用 choujian evidence get 取出。", "bad"));
  return Object.assign(part, tag === "img" ? { alt: one.filename } : { controls: true, preload: "metadata" }, { src: address });
}

function digest(file, progress) {
  return new Promise((resolve, reject) => {
    const worker = new Worker("/zhengju/sha256.js");
    worker.onerror = () => reject(new Refused("不能计算摘要。"));
    worker.onmessage = ({ data }) => {
      if (data.done) return progress(data.done);
      worker.terminate();
      return data.sha256 ? resolve(data.sha256) : reject(new Refused("读不了这个文件，请重新选择。"));
    };
    worker.postMessage(file);
  });
}

async function begin(file, sha256) {
  const said = { filename: file.name, batch_no: batch, sha256, ...(get("keeper").value.trim() ? { keeper: get("keeper").value.trim() } : {}) };
  const encoded = Object.entries(said).map(([name, text]) => `${name} ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`);
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": file.size, "Upload-Metadata": encoded.join(",") };
  const answer = await call("/evidence/uploads", { method: "POST", headers });
  if (answer.status !== 201) throw new Refused((await problem(answer)).detail);
  return answer.headers.get("Location");
}

// From where the server says that it stands; gives the digest that was computed there.
async function send(address, file, progress) {
  const tus = { "Tus-Resumable": "1.0.0" };
  for (let answer = await call(address, { method: "HEAD", headers: tus }); ; ) {
    if (AGAIN.includes(answer.status)) throw new TypeError(`服务器答复 ${answer.status}`);
    if (!answer.ok) throw new Refused(answer.status === 404 || answer.status === 410 ? "这一上传已经过期或者撤销，请重新上传。" : (await problem(answer)).detail);
    const theirs = answer.headers.get("Evidence-Digest"), at = Number(answer.headers.get("Upload-Offset"));
    progress(at);
    if (theirs) return theirs.split(",")[0].replace("sha256:", "");
    const headers = { ...tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": at };
    answer = await call(address, { method: "PATCH", headers, body: file.slice(at, at + (at ? PART : FIRST)) });
  }
}

async function upload(file) {
  const item = made("li"), bar = made("progress"), said = made("p", "正在计算摘要…", "about");
  Object.assign(bar, { max: file.size, value: 0 }).setAttribute("aria-label", `${file.name}的进度`);
  item.append(made("p", file.name, "name"), bar, said);
  get("uploads").prepend(item);
  const progress = (what) => (done) => {
    bar.value = done;
    said.textContent = `${what} ${bytes(done)}，共 ${bytes(file.size)}（${Math.floor((100 * done) / file.size)}%）`;
  };
  try {
    const sha256 = await digest(file, progress("正在计算摘要："));
    item.dataset.sha256 = sha256;
    await refresh();
    const earlier = unfinished.find((one) => one.declared_sha256 === sha256);
    const is_kept = kept.some((one) => one.sha256 === sha256);
    const address = is_kept ? "" : earlier ? `/evidence/uploads/${earlier.upload_id}` : await begin(file, sha256);
    const theirs = is_kept ? sha256 : await patiently(said, () => send(address, file, progress("已上传")));
    if (theirs !== sha256) throw new Refused(`入库的摘要 ${theirs} 与本机计算的 ${sha256} 不符。`);
    bar.value = file.size;
    said.textContent = is_kept ? "这个文件已经入库。" : `已入库，两边计算的摘要一致：${sha256}`;
    said.className = "good";
    await refresh();
  } catch (error) {
    said.textContent = error instanceof Refused ? error.message : `没有传完：${error.message}。请再次选择这个文件，从断处继续。`;
    said.className = "bad";
    delete item.dataset.sha256;
  }
}

// As long as the page is open: a line that broke is tried again, more and more slowly.
async function patiently(said, work) {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused) throw error;
      said.textContent = "网络中断，即将自动续传…";
      await new Promise((resolve) => setTimeout(resolve, Math.min(tries, 10) * 1000));
    }
  }
}

get("who").onsubmit = async (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", get("token").value.trim());
  batch = get("batch").value.trim();
  get("view").hidden = true;
  get("shown").replaceChildren();
  try {
    await refresh();
    get("work").hidden = false;
    tell("");
  } catch (error) {
    get("work").hidden = true;
    tell(error instanceof Refused ? error.message : "连接不上服务器，请稍后再试。", true);
  }
};
get("add").onsubmit = async (event) => {
  event.preventDefault();
  const chosen = [...get("files").files];
  get("files").value = "";
  for (const file of chosen) await upload(file);
};
get("token").value = sessionStorage.getItem("token") ?? "";
