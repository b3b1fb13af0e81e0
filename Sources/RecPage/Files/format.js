// Numbers, times and ids as people read them.

export const number = (value) => Number(value).toLocaleString('en-GB');
export const percent = (value, digits = 0) => `${(100 * value).toFixed(digits)} %`;
export const figure = (value, digits = 4) => Number(value).toFixed(digits);
export const milliseconds = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toString()) + ' ms';
export const day = (iso) => (iso ? iso.slice(0, 10) : 'unknown');
export const short = (id) => (id.length > 16 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id);
export const plural = (count, word, words = word + 's') => `${number(count)} ${count === 1 ? word : words}`;

/** "3 min ago", for the window of a customer. */
export function ago(iso, now = Date.now()) {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return day(iso);
}
