/** A picture that somebody chose, as the box takes it: a PNG of bounded size, in base64. */

/** The most that the box takes, in bytes. */
const LONGEST = 45 * 1024;
/** Longest sides that are tried, in pixels: the largest is twice what the largest screen shows. */
const SIDES = [1000, 700, 500, 350, 250, 150];

/** The largest of those that fits. Throws when the file is no picture that this browser reads. */
export async function logoFrom(file: Blob): Promise<string> {
  const picture = await createImageBitmap(file);
  for (const side of SIDES) {
    const png = await drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)));
    if (png.size <= LONGEST) return base64(new Uint8Array(await png.arrayBuffer()));
  }
  throw new Error('no size of it is small enough');
}

async function drawn(picture: ImageBitmap, scale: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('nothing can be drawn');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('nothing was drawn'));
      else resolve(blob);
    }, 'image/png');
  });
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
