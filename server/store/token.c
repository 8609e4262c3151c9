/* server/store/token.c */
#include "store/token.h"

#include "model/password.h"
#include "store/mailbox.h"
#include "store/statements.h"

static const struct field row_fields[] = {
    FIELD(struct token, id, .flags = KEY), COLUMN(struct token, name),
    COLUMN(struct token, scopes),           COLUMN(struct token, domains),
    COLUMN(struct token, allowed_networks), COLUMN(struct token, expires),
    COLUMN(struct token, created),          COLUMN(struct token, last_used),
    COLUMN(struct token, last_source),      COLUMN(struct token, username),
    COLUMN(struct token, account),          COLUMN(struct token, digest),
    COLUMN(struct token, super_admin),      COLUMN(struct token, unseen_seconds),
};
const struct shape token_row_shape = SHAPE(struct token, "TokenRow", row_fields);

#define ROW                                                                                                        \
    "CAST(k.id AS char) AS id, k.username, k.account, k.name, k.scopes, k.domains, k.allowed_networks, k.expires," \
    " UNIX_TIMESTAMP(k.created) AS created, UNIX_TIMESTAMP(k.last_used) AS last_used, k.last_source"
#define LIVES "k.digest = :digest AND (k.expires IS NULL OR k.expires > UNIX_TIMESTAMP())"
#define SEEN ", COALESCE(TIMESTAMPDIFF(SECOND, k.last_used, NOW()), 1000000) AS unseen_seconds"

enum { FIND, LOCK, INSERT, DELETE, DELETE_OF, SWEEP, OF_ADMIN, OF_MAILBOX, USED };
const struct statement token_statements[] = {
    [FIND] = { "token.find", "SELECT " ROW " FROM postreeve_token k WHERE k.id = :id", &token_row_shape, &token_row_shape },
    [LOCK] = { "token.lock", "SELECT " ROW " FROM postreeve_token k WHERE k.id = :id FOR UPDATE", &token_row_shape,
               &token_row_shape },
    [INSERT] = { "token.insert",
                 "INSERT INTO postreeve_token (digest, username, account, name, scopes, domains, allowed_networks, expires,"
                 " created) VALUES (:digest, :username, :account, :name, :scopes, :domains, :allowed_networks, :expires,"
                 " NOW())",
                 &token_row_shape, NULL },
    [DELETE] = { "token.delete", "DELETE FROM postreeve_token WHERE id = :id", &token_row_shape, NULL },
    [DELETE_OF] = { "token.delete_of", "DELETE FROM postreeve_token WHERE username = :username AND account = :account",
                    &token_row_shape, NULL },
    [SWEEP] = { "token.sweep", "DELETE FROM postreeve_token WHERE expires <= UNIX_TIMESTAMP()", NULL, NULL },
    [OF_ADMIN] = { "token.of_admin",
                   "SELECT " ROW SEEN ", a.superadmin AS super_admin FROM postreeve_token k"
                   " JOIN admin a ON a.username = k.username AND a.active = 1 WHERE k.account = 'admin' AND " LIVES,
                   &token_row_shape, &token_row_shape },
    [OF_MAILBOX] = { "token.of_mailbox",
                     "SELECT " ROW SEEN " FROM postreeve_token k"
                     " JOIN mailbox m ON m.username = k.username AND m.active = 1"
                     " AND LEFT(m.password, 8) <> '" LOCKED_PREFIX "'"
                     " JOIN domain d ON d.domain = m.domain AND d.active = 1 AND NOT " PASSWORD_EXPIRED("m", "d") " WHERE k.account = 'mailbox' AND " LIVES,
                     &token_row_shape, &token_row_shape },
    [USED] = { "token.seen",
               "UPDATE postreeve_token SET last_used = NOW(), last_source = :last_source WHERE digest = :digest",
               &token_row_shape, NULL },
    { 0 },
};

/* Tokens belong to accounts, not to domains: `domain` is the owner here, so that a scope is one's own. */
static const struct sort token_sorts[] = { { "id", "k.id" }, { "name", "k.name" } };
const struct listing token_listing = {
    "token.list", ROW, "postreeve_token k", NULL, NULL, NULL, "k.name LIKE :search OR k.username LIKE :search", NULL,
    "k.id", token_sorts, COUNT(token_sorts), &token_row_shape, NULL, NULL,
};
const struct listing own_token_listing = {
    "token.list_own", ROW, "postreeve_token k", NULL, "CONCAT(k.account, ':', k.username)", NULL, "k.name LIKE :search",
    NULL, "k.id", token_sorts, COUNT(token_sorts), &token_row_shape, NULL, NULL,
};

enum outcome store_token_page(struct task *t, const struct page *page, struct text username, struct text account,
                              struct list *out)
{
    struct scope scope = { 0 };

    if (username.length)
        scope.domain = task_printf(t, "%.*s:%.*s", (int)account.length, account.at, (int)username.length, username.at);
    return listing_page(t, username.length ? &own_token_listing : &token_listing, page, &scope, out);
}

enum outcome store_token_find(struct task *t, struct text id, struct token *out)
{
    struct token key = { .id = id };

    return statement_one(t, &token_statements[FIND], &key, out);
}

enum outcome store_token_lock(struct task *t, struct text id, struct token *out)
{
    struct token key = { .id = id };

    return statement_one(t, &token_statements[LOCK], &key, out);
}

enum outcome store_token_insert(struct task *t, struct token *token)
{
    enum outcome o = statement_run(t, &token_statements[INSERT], token, NULL);

    if (o == DONE)
        token->id = task_printf(t, "%lld", (long long)statement_new_number(t));
    return o;
}

enum outcome store_token_delete(struct task *t, struct text id)
{
    struct token key = { .id = id };

    return statement_run(t, &token_statements[DELETE], &key, NULL);
}

enum outcome store_token_delete_of(struct task *t, struct text username, const char *account, int64_t *gone)
{
    struct token key = { .username = username, .account = text_of(account) };

    return statement_run(t, &token_statements[DELETE_OF], &key, gone);
}

enum outcome store_token_delete_expired(struct task *t, int64_t *gone)
{
    return statement_run(t, &token_statements[SWEEP], NULL, gone);
}

/* Two statements, as for sessions: admins ask the most. */
enum outcome store_token_identify(struct task *t, struct text digest, struct token *out)
{
    struct token key = { .digest = digest };
    enum outcome o = statement_one(t, &token_statements[OF_ADMIN], &key, out);

    return o == MISSING ? statement_one(t, &token_statements[OF_MAILBOX], &key, out) : o;
}

enum outcome store_token_seen(struct task *t, struct text digest, struct text source)
{
    struct token key = { .digest = digest, .last_source = source };

    return statement_run(t, &token_statements[USED], &key, NULL);
}
