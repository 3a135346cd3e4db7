// runPage sends one operation and returns its response, also where there is none: then it is an error like any other.
export async function runPage(fetcher, { query, variables }, headers) {
  try {
    const options = { headers: headers?.trim() ? JSON.parse(headers) : undefined };
    const result = await fetcher({ query, variables }, options);
    if (!result?.[Symbol.asyncIterator]) return result;
    let last;
    for await (const part of result) last = Array.isArray(part) ? part.at(-1) : part;
    return last;
  } catch (error) {
    return { errors: [{ message: error instanceof Error ? error.message : String(error) }] };
  }
}
