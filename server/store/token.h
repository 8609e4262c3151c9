/* server/store/token.h - tokens of the API; only their digests are stored */
#ifndef POSTREEVE_STORE_TOKEN_H
#define POSTREEVE_STORE_TOKEN_H

#include "model/account.h"
#include "store/listing.h"

extern const struct shape token_row_shape;
/* `of` says whose: username and account; an empty username is anybody's. */
MUST_USE enum outcome store_token_page(struct task *t, const struct page *page, struct text username, struct text account,
                                       struct list *out);
MUST_USE enum outcome store_token_find(struct task *t, struct text id, struct token *out);
MUST_USE enum outcome store_token_lock(struct task *t, struct text id, struct token *out);
MUST_USE enum outcome store_token_insert(struct task *t, struct token *token); /* fills in its id */
MUST_USE enum outcome store_token_delete(struct task *t, struct text id);
/* All of an account; `gone` may be NULL. */
MUST_USE enum outcome store_token_delete_of(struct task *t, struct text username, const char *account, int64_t *gone);
MUST_USE enum outcome store_token_delete_expired(struct task *t, int64_t *gone);
/* MISSING when there is none, it has expired, or its account is gone or inactive: the very next request knows. */
MUST_USE enum outcome store_token_identify(struct task *t, struct text digest, struct token *out);
MUST_USE enum outcome store_token_seen(struct task *t, struct text digest, struct text source);

#endif
