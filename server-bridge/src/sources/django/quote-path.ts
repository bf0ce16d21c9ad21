/** A path in a command that a sentence tells the user to type. */

/**
 * The path as a shell reads it back: in quotes if it contains anything but letters, digits and `_ . / : -`, and `\` in Windows.
 *
 * @param platform whose shell: in Windows' quotes are double, and no name contains them
 */
export function quotePath(path: string, platform: string = process.platform): string {
  const plain = platform === "win32" ? /^[\p{L}\p{N}_./:\\-]+$/u : /^[\p{L}\p{N}_./:-]+$/u;
  if (plain.test(path)) return path;
  return platform === "win32" ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
