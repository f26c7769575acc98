// Questions to the explorer, and the path in the address bar.

const token = new URLSearchParams(location.search).get("token");

/** Asks, and gives the answer or throws what was wrong. */
export async function ask(path, question = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers["X-Token"] = token;
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(question) });
  const text = await response.text();
  let value;
  try { value = JSON.parse(text); } catch { throw new Error(text.trim() || `status ${response.status}`); }
  if (!response.ok) throw new Error(value.error || `status ${response.status}`);
  return value;
}

const packed = (text) => encodeURIComponent(text).replace(/%20/g, "+").replace(/%2C/g, ",").replace(/%3D/g, "=");
const unpacked = (text) => {
  try { return decodeURIComponent(text.replace(/\+/g, " ")); } catch { return text; }
};

/** Where one is, as a fragment: `#p=link+down;notice+primary`. */
export function fragment({ source = "main", readings = [], path = [], other = [] }) {
  const parts = [];
  if (source !== "main") parts.push(`s=${packed(source)}`);
  if (readings.length) parts.push(`w=${readings.map(([k, w]) => packed(`${k}=${w}`)).join(";")}`);
  if (other.length) parts.push(`c=${other.map(([k, w]) => packed(`${k}=${w}`)).join(";")}`);
  parts.push(`p=${path.map(packed).join(";")}`);
  return `#${parts.join("&")}`;
}

/** The inverse; null where the fragment names no path. */
export function place(hash) {
  const fields = new Map(hash.replace(/^#/, "").split("&").map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
  }));
  const list = (key) => (fields.get(key) || "").split(";").filter(Boolean).map(unpacked);
  const pairs = (key) => list(key).map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]);
  const source = unpacked(fields.get("s") || "main");
  return { source, readings: pairs("w"), other: pairs("c"), path: fields.has("p") ? list("p") : null };
}
