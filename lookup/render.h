/* lookup/render.h - what Postfix, SASL and Dovecot read, from one configuration
 *
 * WHAT    Writes below a directory:
 *           postfix/mysql_MAP.cf           with --maps mysql or proxy, one per question that Postfix asks
 *           postfix/mysql_client.cnf       the connection's character set
 *           postfix/main.cf.postreeve      settings to merge into main.cf
 *           postfix/master.cf.postreeve    services to merge into master.cf
 *           postfix/relay_status           which refusals of a smart host hold for today alone
 *           postfix/sasl/smtpd.conf        with --sasl auxprop, saslauthd or authdaemond
 *           default/saslauthd              with --sasl saslauthd
 *           courier/authmysqlrc, courier/authdaemonrc
 *                                          with --sasl authdaemond, or saslauthd where Courier is the IMAP server
 *           courier/imapd.postreeve        lines to add to courier/imapd, in the latter case
 *         and in the syntax of Dovecot 2.3 or 2.4, with --sasl dovecot or --delivery lmtp, or with --sasl saslauthd
 *         where Dovecot is the IMAP server:
 *           dovecot/dovecot-report.conf.ext   where log-ins are reported, with [dovecot] report_token_file
 *           dovecot/postreeve.conf.ext     to include in dovecot.conf
 *           dovecot/dovecot-sql.conf.ext   how the database is reached, and (2.3) the questions
 *           dovecot/dovecot-sql-app.conf.ext, dovecot-dict-quota.conf.ext   (2.3) the same for other purposes
 *           dovecot/quota-warning*         the letter to who fills a mailbox, and the program that hands it in
 *         The files name each other by that directory, so it is where they stay. Given /etc, they lie where
 *         the daemons look, beside the operator's own main.cf and master.cf, which render() never writes.
 * WHY     A value of the configuration that a file's format would take apart is refused with its name: it
 *         could otherwise say something else to the daemon than it says to us.
 * ENDS    DONE; INVALID (a setting), CONFLICT (a file that is not ours, or cannot be written). Nothing is
 *         written before everything has been checked. A file whose content stays is not touched.
 */
#ifndef POSTREEVE_LOOKUP_RENDER_H
#define POSTREEVE_LOOKUP_RENDER_H

#include "config/config.h"
#include "lookup/dkim.h"

enum sasl { SASL_DOVECOT, SASL_AUXPROP, SASL_SASLAUTHD, SASL_AUTHDAEMOND };
enum delivery { DELIVERY_VIRTUAL, DELIVERY_LMTP };
enum dovecot { DOVECOT_HERE, DOVECOT_2_3, DOVECOT_2_4 }; /* DOVECOT_HERE: as this machine has */

/* How Postfix asks: the database itself, or files that postmap(1) made of its rows (tables.h). */
enum maps { MAPS_MYSQL, MAPS_PROXY, MAPS_LMDB, MAPS_HASH };
extern const char *const maps_words[]; /* index is the enum; ended by NULL */
/* The table type of what is no mysql: file: all maps, or the smart hosts' log-ins alone. */
const char *maps_table_type(enum maps maps);

struct render_options {
    const char *out;             /* directory; made when it is not there */
    const char *queue_directory; /* Postfix's own, where its sockets are */
    enum sasl sasl;
    enum delivery delivery;
    enum maps maps;
    enum dkim dkim;              /* whether Postfix is told of who signs; dkim() writes its files */
    enum dovecot dovecot;
};

MUST_USE enum outcome render(struct task *t, const struct config *c, const struct render_options *options);
/* Brings what render() has written into the main.cf and master.cf of a directory: lookup/apply.h. */
MUST_USE enum outcome render_apply(struct task *t, const struct config *c, const struct render_options *options,
                                   const char *postfix_config);

#endif
