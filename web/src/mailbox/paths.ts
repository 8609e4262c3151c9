export const mailboxesOf = (domain: string) => `/domains/${encodeURIComponent(domain)}/mailboxes`;
