/* ooxml_order.h - Office reads children in schema order only and offers to repair what is not. */
#pragma once

#include "checks/ooxml_look.h"

typedef struct MgkLookOrder {
    int row;    /* in the table, -1 when the parent's order does not matter */
    guint rank; /* of the last child seen */
} MgkLookOrder;

/* The rank of a child below one kind of parent, remembered. */
typedef struct MgkLookRank {
    int row;    /* of the parent, -2 none yet */
    guint rank; /* 0: not listed there */
} MgkLookRank;
#define MGK_LOOK_RANK_NONE ((MgkLookRank){-2, 0})

/* The order demanded below an element; */
MgkLookOrder mgk_look_order_begin(MgkLookNs ns, const char *local);
/* Reports a deviation when a child comes too late. rank belongs to the child's name. */
void mgk_look_order_child(MgkLook *look, MgkLookOrder *order, const MgkLookElement *child, MgkLookRank *rank);
