/* lookup/render_dovecot_24.c - what goes into dovecot.conf of Dovecot 2.4, where blocks have names and variables filters
 *
 * SOURCE  https://doc.dovecot.org/2.4.1/, its upgrade notes from 2.3 above all
 */
#include "lookup/render_parts.h"

static void print_query(const struct rendering *r, FILE *to, const char *setting, struct text map)
{
    const struct question *q = question_named(map);

    fprintf(to, "  # %s\n  %s = %s\n", q->doc, setting, question_text_for(r->t, q, ASKED_BY_DOVECOT_24, &r->settings).at);
}

/* Schemes that 2.4 calls weak are those that were asked for: md5crypt, and whatever an older database holds. */
static void print_auth(const struct rendering *r, FILE *to)
{
    fputs("auth_mechanisms = plain login\nauth_allow_weak_schemes = yes\n", to);
    fprintf(to, "!include %s/dovecot/dovecot-sql.conf.ext\n", r->out.at);
    fputs("passdb sql {\n  default_password_scheme = CRYPT\n", to);
    print_query(r, to, "query", TEXT("dovecot_passdb"));
    fputs("}\npassdb sql-app {\n  driver = sql\n  default_password_scheme = CRYPT\n", to);
    print_query(r, to, "passdb_sql_query", TEXT("dovecot_app_passdb"));
    fputs("}\nuserdb sql {\n", to);
    print_query(r, to, "query", TEXT("dovecot_userdb"));
    print_query(r, to, "iterate_query", TEXT("dovecot_iterate"));
    fputs("  fields_import_all = no\n"
          "  fields {\n"
          "    home = %{sql:home}\n"
          "    uid = %{sql:uid}\n"
          "    gid = %{sql:gid}\n",
          to);
    if (has_dovecot_quota(r))
        fputs("    quota_storage_size = %{sql:quota_bytes}B\n", to);
    fputs("  }\n}\n", to);
}

/* As in render_dovecot_23.c. A letter larger than the whole mailbox is asked about apart, and passes where nothing is said of it. */
static void print_quota(const struct rendering *r, FILE *to)
{
    fputs("\n# Quota: counted by Dovecot's own indexes, and each change noted in the table quota2.\n"
          "mail_plugins {\n  quota = yes\n  quota_clone = yes\n}\n"
          "protocol imap {\n  mail_plugins {\n    imap_quota = yes\n  }\n}\n"
          "mail_access_groups = dovecot\n"
          "quota_storage_grace = 0\n"
          "quota_exceeded_message = " QUOTA_FULL "\n"
          "quota_status_success = DUNNO\n"
          "quota_status_nouser = DUNNO\n"
          "quota_status_overquota = 552 5.2.2 " QUOTA_FULL "\n"
          "quota_status_toolarge = 552 5.2.2 " QUOTA_FULL "\n"
          "quota \"User quota\" {\n",
          to);
    for (const int64_t *percent = quota_warnings(r); *percent; percent++)
        fprintf(to,
                "  warning warn-%lld {\n"
                "    quota_storage_percentage = %lld\n"
                "    execute quota-warning {\n"
                "      args = %lld %%{user}\n"
                "    }\n"
                "  }\n",
                (long long)*percent, (long long)*percent, (long long)*percent);
    fputs("}\n"
          "quota_clone {\n"
          "  dict proxy {\n"
          "    name = postreeve_quota\n"
          "  }\n"
          "}\n"
          "dict_server {\n"
          "  dict postreeve_quota {\n"
          "    driver = sql\n",
          to);
    fputs("    dict_map priv/quota/storage {\n      sql_table = quota2\n      username_field = username\n"
          "      value_field bytes {\n      }\n    }\n"
          "    dict_map priv/quota/messages {\n      sql_table = quota2\n      username_field = username\n"
          "      value_field messages {\n      }\n    }\n"
          "  }\n}\n",
          to);
}

void print_dovecot_conf_24(const struct rendering *r, FILE *to)
{
    const struct tls_settings *tls = &r->config->tls;

    print_auth(r, to);
    fputs("\n# Letters lie in Maildirs, each in the directory that is its owner's home.\n"
          "mail_driver = maildir\n"
          "mail_path = ~/\n"
          "mail_inbox_path = ~/\n"
          "namespace inbox {\n  inbox = yes\n}\n",
          to);
    print_dovecot_account(r, to);
    if (tls->certificate.length)
        fprintf(to, "\nssl = yes\nssl_server_cert_file = %s\nssl_server_key_file = %s\n", tls->certificate.at, tls->key.at);
    if (has_dovecot_quota(r))
        print_quota(r, to);
}
