// read parses what the response pane shows. It is undefined where that is nothing, or is not a response.
export function read(text) {
  if (!text) return undefined;
  try {
    const response = JSON.parse(text);
    return typeof response === 'object' && response !== null ? response : undefined;
  } catch {
    return undefined;
  }
}
