/** Packs a folder into an add-on file: a plain, uncompressed zip, which is all that Firefox requires of an XPI. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { crc32 } from "node:zlib";

/** Writes every file under `folder` into the zip file `path`. @source APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12, 4.3.16 */
export function packXpi(folder: string, path: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const full = join(file.parentPath, file.name);
    const name = Buffer.from(relative(folder, full).split(sep).join("/"));
    const data = readFileSync(full);
    const facts = describeEntry(name, data);
    const local = Buffer.concat([signature(0x04034b50), facts, name, data]);
    directory.push(signature(0x02014b50), uint16(20), facts, Buffer.alloc(10), uint32(offset), name);
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = uint16(files.length);
  const end = [
    signature(0x06054b50),
    uint32(0),
    count,
    count,
    uint32(central.length),
    uint32(offset),
    uint16(0),
  ];
  writeFileSync(path, Buffer.concat([...bodies, central, ...end]));
}

/** The fields that a local header and its directory entry share: version, flags (UTF-8 names), stored, 1980-01-01, sizes. */
function describeEntry(name: Buffer, data: Buffer): Buffer {
  const size = uint32(data.length);
  const moment = [uint16(0), uint16(0x21)];
  return Buffer.concat([
    uint16(20),
    uint16(0x800),
    uint16(0),
    ...moment,
    uint32(crc32(data)),
    size,
    size,
    uint16(name.length),
    uint16(0),
  ]);
}

const signature = (value: number) => uint32(value);

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
