// domainToASCII is the host name as the DNS has it, or empty for what cannot be one. The reader of URLs does the work, here and
// in Node.js.
export function domainToASCII(name) {
  try {
    const host = new URL(`http://${name}/`).hostname;
    return host.length <= 253 && !/^[\d.]+$/.test(host) ? host : '';
  } catch {
    return '';
  }
}
