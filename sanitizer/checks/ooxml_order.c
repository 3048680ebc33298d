#include "checks/ooxml_order.h"

#include <string.h>

static const struct {
    MgkLookNs parent_ns;
    const char *parent;
    MgkLookNs child_ns;
    const char *order;
} rows[] = {
#define LOOK_ORDER(pns, parent, cns, order) {MGK_LOOK_NS_##pns, parent, MGK_LOOK_NS_##cns, order},
#include "checks/ooxml_order.def"
#undef LOOK_ORDER
};

MgkLookOrder mgk_look_order_begin(MgkLookNs ns, const char *local)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if ((rows[i].parent_ns == ns || rows[i].parent_ns == MGK_LOOK_NS_ANY) && strcmp(rows[i].parent, local) == 0)
            return (MgkLookOrder){.row = (int)i};
    }
    return (MgkLookOrder){.row = -1};
}

/* The rank of a name in "first second|alternative third", counted from 1; 0 when it is not listed. */
static guint rank_of(const char *order, const char *name)
{
    gsize length = strlen(name);
    guint rank = 1;
    for (const char *p = order; *p;) {
        gsize n = strcspn(p, " |");
        if (n == length && memcmp(p, name, n) == 0)
            return rank;
        p += n;
        rank += *p == ' ';
        p += *p != '\0';
    }
    return 0;
}

void mgk_look_order_child(MgkLook *look, MgkLookOrder *order, const MgkLookElement *child, MgkLookRank *known)
{
    if (order->row < 0 || rows[order->row].child_ns != child->ns)
        return;
    if (known->row != order->row)
        *known = (MgkLookRank){order->row, rank_of(rows[order->row].order, child->local)};
    guint rank = known->rank;
    if (rank == 0)
        return;
    if (rank < order->rank) {
        g_autofree char *detail = g_strdup_printf("%s in %s", child->local, rows[order->row].parent);
        mgk_look_deviation(look, "order", detail);
        return;
    }
    order->rank = rank;
}
