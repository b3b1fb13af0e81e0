// Draws very many dots by hand: an index of cells, colours, and pixels written into one array, nothing allocated in a frame.

const cells = 128;
const shift = 9; // 65536 places / 128 cells
/** Twenty-four colours, each at least 3:1 against the light and the dark surface, neighbours in the list far apart. */
export const colours = ['#306cd2', '#f36b12', '#1e9612', '#c22e7b', '#c870e6', '#529fab', '#826835', '#ae727e', '#a79500', '#6c8afc',
  '#9c54cc', '#00847e', '#cc3c00', '#f45f95', '#7b6194', '#2e7c00', '#a27206', '#727eb4', '#cc4ea2', '#4da664', '#a689be', '#0073a0',
  '#a0565c', '#e44e5a'];
export const otherColour = '#808890';
export const colourOf = (place) => (place < colours.length ? colours[place] : otherColour);

/** What the server sent, as arrays sorted by cell: the dots of a row of cells that are in sight are then one run of memory. */
export function readMap(buffer) {
  const head = new DataView(buffer);
  if (buffer.byteLength < 12 || head.getUint32(0) !== 0x524d4150 || head.getUint32(4, true) !== 2) throw new Error('the map has a form that this page does not know');
  const count = head.getUint32(8, true);
  if (buffer.byteLength <= 12 + 5 * count) throw new Error('the map came incomplete');
  const { version, departments } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12 + 5 * count)));
  const x = new Uint16Array(buffer, 12, count), y = new Uint16Array(buffer, 12 + 2 * count, count), place = new Uint8Array(buffer, 12 + 4 * count, count);
  const start = new Uint32Array(cells * cells + 1);
  const cellOf = (i) => (y[i] >> shift) * cells + (x[i] >> shift);
  for (let i = 0; i < count; i++) start[cellOf(i) + 1]++;
  for (let c = 0; c < cells * cells; c++) start[c + 1] += start[c];
  const next = start.slice(0, -1);
  const map = { version, departments, count, start, x: new Float32Array(count), y: new Float32Array(count), place: new Uint8Array(count), number: new Uint32Array(count), at: new Uint32Array(count), of: new Uint32Array(256) };
  for (let i = 0; i < count; i++) {
    const to = next[cellOf(i)]++;
    map.x[to] = x[i] / 65535;
    map.y[to] = y[i] / 65535;
    map.place[to] = place[i];
    map.number[to] = i;
    map.at[i] = to;
    map.of[place[i]]++;
  }
  return map;
}

const cell = (value) => Math.max(0, Math.min(cells - 1, Math.floor(value * 65535 / (1 << shift))));
/** 0xAABBGGRR, as an ImageData has it in memory on every machine that browsers run on. */
const pixel = (hex) => {
  const rgb = parseInt(hex.slice(1), 16);
  return (0xff000000 | (rgb & 0xff) << 16 | (rgb & 0xff00) | rgb >> 16) >>> 0;
};

/** The nearest dot in sight to a place on the map, within a radius (all 0...1): its index, or -1. */
export function nearest(map, hidden, x, y, radius) {
  let best = -1, least = radius * radius;
  const left = cell(x - radius), right = cell(x + radius), bottom = cell(y + radius);
  for (let row = cell(y - radius); row <= bottom; row++) {
    const end = map.start[row * cells + right + 1];
    for (let i = map.start[row * cells + left]; i < end; i++) {
      const dx = map.x[i] - x, dy = map.y[i] - y, far = dx * dx + dy * dy;
      if (far < least && hidden[map.place[i]] === 0) {
        least = far;
        best = i;
      }
    }
  }
  return best;
}

/** Draws a map on a canvas. The view is { x, y, scale }: the place in the middle, and pixels of the page per unit. */
export function plotter(canvas) {
  const context = canvas.getContext('2d', { alpha: false });
  const table = new Uint32Array(256);
  let image, pixels, width = 0, height = 0, ratio = 1, ground = 0xffffffff;
  /** Places of the pixels of a dot, relative to its first one, for each size that was needed. */
  const shapes = new Map();

  function shape(size) {
    const key = size * 65536 + width;
    if (!shapes.has(key)) {
      const offsets = [], middle = (size - 1) / 2, reach = size < 3 ? 9e9 : (size / 2) ** 2 + 0.1;
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          if ((row - middle) ** 2 + (column - middle) ** 2 <= reach) offsets.push(row * width + column);
        }
      }
      shapes.set(key, Int32Array.from(offsets));
    }
    return shapes.get(key);
  }

  return {
    /** Sharper screens get more pixels, but not all of them: a frame's time grows with their number. */
    resize(cssWidth, cssHeight, count) {
      ratio = Math.min(devicePixelRatio || 1, count > 20_000 ? 1.5 : 2);
      width = Math.max(1, Math.round(cssWidth * ratio));
      height = Math.max(1, Math.round(cssHeight * ratio));
      canvas.width = width;
      canvas.height = height;
      image = context.createImageData(width, height);
      pixels = new Uint32Array(image.data.buffer);
      shapes.clear();
    },
    paint(background, hidden) {
      ground = pixel(background);
      for (let place = 0; place < 256; place++) table[place] = hidden[place] ? 0 : pixel(colourOf(place));
    },
    draw(map, view) {
      pixels.fill(ground);
      const scale = view.scale * ratio, size = dotSize(map.count, view.scale, ratio);
      const { x, y, place, start } = map, offsets = shape(size), parts = offsets.length;
      const left = width / 2 - view.x * scale - size / 2 + 0.5, top = height / 2 - view.y * scale - size / 2 + 0.5;
      const first = cell((-left - size) / scale), last = cell((width - left) / scale), bottom = cell((height - top) / scale);
      const right = width - size, low = height - size;
      for (let row = cell((-top - size) / scale); row <= bottom; row++) {
        const end = start[row * cells + last + 1];
        for (let i = start[row * cells + first]; i < end; i++) {
          const colour = table[place[i]];
          if (colour === 0) continue;
          const px = left + x[i] * scale | 0, py = top + y[i] * scale | 0;
          // Dots that would be cut by the edge are left out: no test for each pixel.
          if (px < 0 || py < 0 || px > right || py > low) continue;
          const from = py * width + px;
          for (let k = 0; k < parts; k++) pixels[from + offsets[k]] = colour;
        }
      }
      context.putImageData(image, 0, 0);
    },
  };
}

/** A third of the usual distance between two dots: a map of few dots shows them large, one of many as a texture. */
export function dotSize(count, scale, ratio) {
  const distance = scale * ratio / Math.sqrt(Math.max(1, count));
  return Math.max(1, Math.min(9, Math.round(0.34 * distance + 0.4)));
}
