/** Unpacks a zip file: what WXT writes, without encryption, without parts of 4 GiB. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";

/** Writes every file of `archive` under `folder` and gives their paths. @source APPNOTE.TXT 6.3, 4.3.7 and 4.3.12 */
export function unzip(archive: string, folder: string): string[] {
  const bytes = readFileSync(archive);
  const names: string[] = [];
  let at = bytes.readUInt32LE(bytes.length - 6); // where the directory begins, in a zip without a comment
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString();
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, method === 0 ? packed : inflateRawSync(packed));
    names.push(name);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return names;
}
