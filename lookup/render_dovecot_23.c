/* lookup/render_dovecot_23.c - what goes into dovecot.conf of Dovecot 2.3
 *
 * SOURCE  https://doc.dovecot.org/2.3/
 */
#include "lookup/render_parts.h"

/* The limit is one: no letter takes a mailbox past it, as the usual tenth would let it. In values of plugin { } a '%' is
 * written twice. */
static void print_quota(const struct rendering *r, FILE *to)
{
    size_t count = 0;

    fputs("\n# Quota: counted by Dovecot's own indexes, and each change noted in the table quota2.\n"
          "mail_plugins = $mail_plugins quota quota_clone\n"
          "mail_access_groups = $mail_access_groups dovecot\n"
          "protocol imap {\n"
          "  mail_plugins = $mail_plugins imap_quota\n"
          "}\n",
          to);
    fprintf(to, "dict {\n  postreeve_quota = mysql:%s/dovecot/dovecot-dict-quota.conf.ext\n}\n", r->out.at);
    fputs("plugin {\n"
          "  quota = count:User quota\n"
          "  quota_vsizes = yes\n"
          "  quota_grace = 0\n"
          "  quota_clone_dict = proxy::postreeve_quota\n"
          "  quota_exceeded_message = " QUOTA_FULL "\n"
          "  quota_status_success = DUNNO\n"
          "  quota_status_nouser = DUNNO\n"
          "  quota_status_overquota = 552 5.2.2 " QUOTA_FULL "\n",
          to);
    for (const int64_t *percent = quota_warnings(r); *percent; percent++) {
        fputs("  quota_warning", to);
        if (++count > 1)
            fprintf(to, "%zu", count);
        fprintf(to, " = storage=%lld%%%% quota-warning %lld %%u\n", (long long)*percent, (long long)*percent);
    }
    fputs("}\n", to);
}

void print_dovecot_conf_23(const struct rendering *r, FILE *to)
{
    const struct tls_settings *tls = &r->config->tls;

    fputs("auth_mechanisms = plain login\n", to);
    fprintf(to, "passdb {\n  driver = sql\n  args = %s/dovecot/dovecot-sql.conf.ext\n}\n", r->out.at);
    fprintf(to, "passdb {\n  driver = sql\n  args = %s/dovecot/dovecot-sql-app.conf.ext\n}\n", r->out.at);
    fprintf(to, "userdb {\n  driver = sql\n  args = %s/dovecot/dovecot-sql.conf.ext\n}\n", r->out.at);
    fputs("\n# Letters lie in Maildirs, each in the directory that is its owner's home.\n"
          "mail_location = maildir:~/\n"
          "namespace inbox {\n  inbox = yes\n}\n",
          to);
    print_dovecot_account(r, to);
    if (tls->certificate.length)
        fprintf(to, "\nssl = yes\nssl_cert = <%s\nssl_key = <%s\n", tls->certificate.at, tls->key.at);
    if (has_dovecot_quota(r))
        print_quota(r, to);
}
