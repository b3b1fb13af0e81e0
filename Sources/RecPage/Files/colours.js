// Words for colours become colours: "Greenish Khaki", "Light Pink", "Off White".

const words = {
  black: '#26282d', white: '#fbfaf7', grey: '#8f949b', gray: '#8f949b', silver: '#c3c8ce', blue: '#3468b2', navy: '#22345c', turquoise: '#2fa6a4', teal: '#1f7f80', green: '#3d8b55', khaki: '#7f7d52', olive: '#74733a',
  yellow: '#efc83f', gold: '#cda23f', orange: '#e27a31', red: '#c53440', pink: '#e886a6', rose: '#e3a3a6', purple: '#7c559e', lilac: '#b79bd0', violet: '#7c559e', beige: '#d5bf9c', brown: '#80563a', mole: '#85766a',
  bronze: '#a5714a', copper: '#b66f48', cream: '#f3e8cd', burgundy: '#70222f', coral: '#ee7f6c', mint: '#a5d8bd', mustard: '#cf9f2d', metallic: '#b3b8c0', transparent: '#dfe6ea', peach: '#f4b896', aqua: '#79cbd0', plum: '#63335c', camel: '#bd8f5b', indigo: '#3b3f82',
};

export const hash = (text) => { let value = 2166136261; for (const one of text) value = Math.imul(value ^ one.codePointAt(0), 16777619); return value >>> 0; };
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
export const mix = (from, to, part) => { const end = channels(to); return `#${channels(from).map((one, at) => Math.round(one + (end[at] - one) * part).toString(16).padStart(2, '0')).join('')}`; };
const light = (hex) => { const [red, green, blue] = channels(hex); return (0.3 * red + 0.59 * green + 0.11 * blue) / 255; };
export const isDark = (hex) => light(hex) < 0.34;

/** The last colour word is the colour; one in "-ish" only tints it. A word that is not known gives a calm colour by the item's id. */
export function colourOf(text, id) {
  const found = (text ?? '').toLowerCase().match(/[a-z]+/g) ?? [];
  let colour = null, tint = null;
  for (const word of found) {
    if (words[word]) colour = words[word];
    else if (word.endsWith('ish')) tint = words[word.slice(0, -3)] ?? words[word.slice(0, -4)] ?? words[`${word.slice(0, -3)}e`] ?? tint;
  }
  if (!colour && tint) [colour, tint] = [tint, null];
  if (!colour) return ['#9a8fb0', '#7fa3a0', '#b99b85', '#8d9db8', '#a8a97f', '#b58a98'][hash(id) % 6];
  if (tint) colour = mix(colour, tint, 0.35);
  if (found.includes('light')) colour = mix(colour, '#ffffff', 0.5);
  if (found.includes('dark')) colour = mix(colour, '#101218', 0.45);
  if (found.includes('dusty')) colour = mix(colour, '#a09a94', 0.35);
  return colour;
}
