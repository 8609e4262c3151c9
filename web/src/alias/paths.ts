export const aliasesOf = (domain: string) => `/domains/${encodeURIComponent(domain)}/aliases`;

/** "@example.jp" takes what nobody else in the domain takes. */
export const isCatchAll = (address: string) => address.startsWith("@");
