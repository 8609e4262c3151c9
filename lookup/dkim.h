/* lookup/dkim.h - what OpenDKIM or rspamd read to sign letters, from Postfix Admin's tables dkim and dkim_signing
 *
 * WHAT    Writes below a directory:
 *           opendkim/KeyTable, opendkim/SigningTable   which key there is, and who signs with which
 *           opendkim/postreeve.conf                    to include in opendkim.conf
 *           opendkim/keys/DOMAIN/SELECTOR.private      0600, OpenDKIM's own
 *         or
 *           rspamd/postreeve/dkim_paths.map, rspamd/postreeve/dkim_selectors.map
 *           rspamd/local.d/dkim_signing.conf
 *           rspamd/postreeve/keys/DOMAIN/SELECTOR.private   0600, rspamd's own
 *         Only keys that sign, of domains that are active. A key file that the tables named before and name no more is
 *         removed; what is new is there before the tables name it.
 * WHO     Root: the private keys are read by the service's account, [database], and opened under [secrets] key_file. The mail
 *         daemons' account reads neither.
 * ENDS    DONE; INVALID after a line for each row that cannot stand in these files (a selector that is no name, a key that is
 *         none or does not open), and nothing is written then; RETRY; CONFLICT as lookup/output.h.
 */
#ifndef POSTREEVE_LOOKUP_DKIM_H
#define POSTREEVE_LOOKUP_DKIM_H

#include "config/config.h"

enum dkim { DKIM_NONE, DKIM_OPENDKIM, DKIM_RSPAMD };
extern const char *const dkim_words[]; /* index is the enum; ended by NULL */

MUST_USE enum outcome dkim(const struct config *c, const char *out, enum dkim program);
/* Where Postfix finds it: [dkim] milter, or where it usually listens. */
struct text dkim_milter(const struct config *c, enum dkim program);

#endif
