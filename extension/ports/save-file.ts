/** Saves a text as a file, into the browser's download folder. */

/** Offers `text` for download under this name. */
export function saveFile(fileName: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
