/* server/store/turn.c */
#include "store/turn.h"

#include "store/mysql.h"
#include "store/statement.h"
#include "store/statements.h"

struct turn {
    struct text name;
};
static const struct field turn_fields[] = { COLUMN(struct turn, name) };
static const struct shape turn_shape = SHAPE(struct turn, "Turn", turn_fields);

enum { TAKE };
const struct statement turn_statements[] = {
    [TAKE] = { "turn.take",
               "INSERT INTO postreeve_turn (name, taken) VALUES (:name, 1) ON DUPLICATE KEY UPDATE taken = taken + 1",
               &turn_shape, NULL },
    { 0 },
};

enum outcome turn_take(struct task *t, struct text name)
{
    struct turn turn = { name };

    if (!task_connection(t)->in_cluster)
        return DONE;
    return statement_run(t, &turn_statements[TAKE], &turn, NULL);
}
