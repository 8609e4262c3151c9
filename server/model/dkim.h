/* server/model/dkim.h - keys that sign letters (DKIM, RFC 6376)
 *
 * WHAT    A row of Postfix Admin's table `dkim`: a pair of keys of a domain under a selector. A domain may have several; of
 *         these the one that a row of `dkim_signing` names with the domain as its author signs. That makes a change of keys
 *         three steps: make another, publish it, let it sign; the old one goes once no letter of it is under way.
 * SECRET  The private key is PKCS #8 in PEM: sealed (model/vault.h, VAULT_DKIM) under the context "dkim/ID", or clear as
 *         Postfix Admin has it. Nothing shows it.
 * SOURCE  RSA by RFC 6376 and 8301 (at least 1,024 bits), Ed25519 by RFC 8463. Keys are made and read by GnuTLS.
 */
#ifndef POSTREEVE_MODEL_DKIM_H
#define POSTREEVE_MODEL_DKIM_H

#include "base/shape.h"
#include "model/vault.h"

#define DKIM_SELECTOR_MAX 63
#define DKIM_PRIVATE_MAX 8192 /* octets in PEM */
#define DKIM_RSA_BITS_MIN 1024
#define DKIM_RSA_BITS_MAX 4096

extern const char *const dkim_storage_words[]; /* index is the enum; ended by NULL */
enum dkim_storage { DKIM_SEALED, DKIM_CLEAR };

struct dkim_key {
    int64_t id;
    struct text domain, selector, generate, algorithm, description;
    struct text private_key;    /* in clear, as it comes in */
    struct text stored_private; /* as the row has it */
    struct text public_key;     /* in PEM, as the row has it */
    struct text name, record;   /* of the TXT record; record empty when the public key cannot be read */
    bool active;
    struct moment created, modified;
};
extern const struct shape dkim_key_shape;

struct dkim_pair {
    struct text private_pem, public_pem;
};
/* A new pair. "rsa-2048" takes a fifth of a second: not within a transaction that holds locks. */
MUST_USE enum outcome dkim_generate(struct task *t, const char *field, struct text algorithm, struct dkim_pair *out);
/* INVALID unless `pem` is an RSA or Ed25519 key that may sign; canonical then. */
MUST_USE enum outcome dkim_import(struct task *t, const char *field, struct text pem, struct dkim_pair *out);
/* Fills algorithm ("rsa-2048"; empty when unknown), name and record from the rest. */
void dkim_describe(struct task *t, struct dkim_key *k);
/* What its private key is sealed with. */
struct text dkim_context(struct task *t, int64_t id);
/* In clear: opened, or as it was. INVALID as vault_open(). */
MUST_USE enum outcome dkim_private(struct task *t, const struct vault *v, const struct dkim_key *k, struct text *out);

/* canon_fn. A selector: labels of letters, digits and -. */
MUST_USE enum outcome dkim_selector_canon(struct task *t, const char *field, struct text given, struct text *out);
/* Where a milter listens, as Postfix writes it. */
MUST_USE enum outcome dkim_milter_canon(struct task *t, const char *field, struct text given, struct text *out);

#endif
