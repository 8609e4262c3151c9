/* server/store/mysql.h - what the files of this room share; no other room includes it */
#ifndef POSTREEVE_STORE_MYSQL_H
#define POSTREEVE_STORE_MYSQL_H

#include "store/connection.h"
#include "store/servers.h"

#include <mysql.h>

typedef __typeof__(*((MYSQL_BIND *)NULL)->is_null) mysql_flag; /* my_bool or bool, by the library's age */

struct prepared; /* statement.c */

struct connection {
    const struct store_settings *settings;
    struct servers *servers;
    size_t server;             /* the one of them that it is open to */
    int64_t failures;          /* how often that one had failed by then */
    MYSQL *mysql;              /* NULL: not open */
    struct prepared *prepared; /* by SQL text; they die with the connection */
    bool lost, in_transaction, repeatable, borrowed;
    bool unanswered;           /* START TRANSACTION was sent, and its answer not read yet */
    bool in_cluster;           /* the server is a node of a Galera cluster */
};

MUST_USE enum outcome connection_open(struct connection *c);
void connection_close(struct connection *c);
/* The one translation of MySQL's error numbers; logs what is not a plain "no". */
MUST_USE enum outcome connection_failed(struct connection *c, unsigned error, const char *words, const char *what);
/* Reads the answer that was not waited for; before anything else is sent. */
MUST_USE enum outcome connection_ready(struct connection *c);
/* Runs SQL text that takes no values. */
MUST_USE enum outcome connection_run(struct connection *c, const char *sql);

void prepared_forget_all(struct connection *c);

#endif
