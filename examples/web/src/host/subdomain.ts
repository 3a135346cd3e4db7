/**
 * Returns the name of a subdomain. Microsoft Graph has it in the id, as base64 of `name$$parent`, in all that was observed; the
 * documentation only promises the host.
 */
export function subdomainName({ id, host }: { id: string; host: { id: string } | null }): string {
  try {
    const [name, parent, ...rest] = atob(id).split('$$');
    if (name && parent && rest.length === 0 && name.endsWith(`.${parent}`)) return name;
  } catch {
    // not base64
  }
  return host?.id ?? id;
}
