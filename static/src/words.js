/** Numbers and states in plain words. */

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A probability as people say it: never 0 % or 100 %, for nothing is that sure. */
export function percent(probability) {
  if (probability > 0.99) return "99 %";
  if (probability < 0.01) return "1 %";
  return `${Math.round(probability * 100)} %`;
}

/** A share of what was counted: that may be none, or all. */
export function share(value) {
  return `${Math.round(value * 100)} %`;
}

/** From how much to how much. */
export function interval({ low, high }) {
  return `${Math.round(low * 100)}–${share(high)}`;
}

export function duration(seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return `${plural(Math.round(seconds), "second")}`;
  return `${plural(Math.round(seconds / 60), "minute")}`;
}

/** A point in time, short. */
export function moment(iso) {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export function size(bytes) {
  const megabytes = bytes / 2 ** 20;
  return megabytes < 1 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${megabytes.toFixed(1)} MB`;
}

/** Some names, as one says them. @param {string[]} names */
export function listed(names) {
  return new Intl.ListFormat("en-GB").format(names.map((name) => `“${name}”`));
}

/** Why a picture could not be read. */
export function why(item) {
  const told = item.upload?.message ?? item.error?.message ?? item.error;
  return told || "This photo could not be read.";
}
