/* server/store/statements.h - where all statements and lists are, for the test that prepares every one
 *
 * Each array ends with an empty row.
 */
#ifndef POSTREEVE_STORE_STATEMENTS_H
#define POSTREEVE_STORE_STATEMENTS_H

#include "store/listing.h"
#include "store/statement.h"

extern const struct statement account_statements[];
extern const struct statement alias_domain_statements[];
extern const struct statement alias_statements[];
extern const struct statement app_password_statements[];
extern const struct statement broadcast_statements[];
extern const struct statement dkim_statements[];
extern const struct statement domain_statements[];
extern const struct statement errand_statements[];
extern const struct statement fetchmail_statements[];
extern const struct statement image_statements[];
extern const struct statement journal_statements[];
extern const struct statement log_in_statements[];
extern const struct statement mailbox_statements[];
extern const struct statement migrate_statements[];
extern const struct statement password_reset_statements[];
extern const struct statement relay_statements[];
extern const struct statement rename_statements[];
extern const struct statement request_statements[];
extern const struct statement second_factor_statements[];
extern const struct statement sender_access_statements[];
extern const struct statement sender_login_statements[];
extern const struct statement session_statements[];
extern const struct statement throttle_statements[];
extern const struct statement token_statements[];
extern const struct statement transport_statements[];
extern const struct statement turn_statements[];
extern const struct statement vacation_statements[];
extern const struct listing admin_listing;
extern const struct listing alias_domain_listing;
extern const struct listing alias_listing;
extern const struct listing app_password_listing;
extern const struct listing broadcast_listing;
extern const struct listing dkim_listing;
extern const struct listing domain_listing;
extern const struct listing errand_listing;
extern const struct listing fetchmail_listing;
extern const struct listing log_listing;
extern const struct listing mailbox_listing;
extern const struct listing own_token_listing;
extern const struct listing relay_listing;
extern const struct listing sender_access_listing;
extern const struct listing sender_login_listing;
extern const struct listing token_listing;
extern const struct listing transport_listing;

#endif
