/* xlsb_formula.c - walks the tokens of one formula of a binary workbook ([MS-XLSB] 2.2.2, 2.5.97): BIFF8's tokens with
 * longer rows, columns and texts. Doubt counts against the formula, as in biff_formula.c. */
#include "engines/xlsb_internal.h"

typedef struct Walk {
    const MgkBiffScope *scope;
    const guint8 *p;     /* the next token */
    gsize left;          /* of rgce */
    const guint8 *extra; /* the next constant */
    gsize extra_left;    /* of rgcb */
    guint named, called; /* functions by name: their names, and their calls */
    MgkBiffVerdict verdict;
} Walk;

static const struct {
    guint16 first, last;
} functions[] = {
#define MGK_XLSB_FUNCTIONS(first, last) {first, last},
#include "rules/xlsb_functions.def"
#undef MGK_XLSB_FUNCTIONS
};

/* Bytes that follow a token of the base class (2.5.97.16); -1: not allowed or of variable length. */
static const gint8 sizes[64] = {
    -1, -1, -1, 0,  0,  0,  0,  0,  0,  0, 0,  0,  0, 0,  0,  0,  /* operators */
    0,  0,  0,  0,  0,  0,  0,  -1, -1, 3, -1, -1, 1, 1,  2,  8,  /* Paren, MissArg, Str, Attr, Err, Bool, Int, Num */
    14, 2,  3,  4,  6,  12, 6,  6,  6,  2, 6,  12, 6, 12, -1, -1, /* Array, Func, FuncVar, Name, Ref, Area, Mem… */
    -1, -1, -1, -1, -1, -1, -1, -1, -1, 6, 8,  14, 8, 14, -1, -1, /* NameX, Ref3d, Area3d, RefErr3d, AreaErr3d */
};

enum {
    EXP = 0x01,
    STR = 0x17,
    LIST = 0x18,
    ATTR = 0x19,
    ARRAY = 0x20,
    FUNC = 0x21,
    FUNC_VAR = 0x22,
    NAME = 0x23,
    MEM_AREA = 0x26,
    NAME_X = 0x39,
    REF_3D = 0x3a,
    AREA_ERR_3D = 0x3d,
    USER_DEFINED = 255,
    CHOOSE = 4,        /* bit of Attr: a jump table follows */
    TABLE = 0x19,      /* the only extended token that stays: cells of a table */
    TABLE_BYTES = 13,  /* with its second byte */
    NAME_FUNCTION = 2, /* in scope->names: of a function that is known by name */
};

static void judge(Walk *walk, MgkBiffVerdict verdict)
{
    if (walk->verdict == MGK_BIFF_SAFE || verdict == MGK_BIFF_CODE)
        walk->verdict = verdict;
}

static void judge_function(Walk *walk, guint number)
{
    MgkBiffVerdict verdict = number == USER_DEFINED ? MGK_BIFF_SAFE : mgk_biff_function(number);
    for (guint i = 0; i < G_N_ELEMENTS(functions) && verdict == MGK_BIFF_CODE; i++) {
        if (number >= functions[i].first && number <= functions[i].last)
            verdict = MGK_BIFF_SAFE;
    }
    walk->called += number == USER_DEFINED;
    if (verdict != MGK_BIFF_SAFE)
        judge(walk, verdict);
}

static void judge_sheet(Walk *walk, guint number)
{
    if (number >= walk->scope->n_sheets || !walk->scope->sheets[number])
        judge(walk, MGK_BIFF_EXTERNAL);
}

static void judge_name(Walk *walk, guint32 number)
{
    guint8 name = number > 0 && number <= walk->scope->n_names ? walk->scope->names[number - 1] : 0;
    if (!name)
        judge(walk, MGK_BIFF_UNKNOWN);
    walk->named += name == NAME_FUNCTION;
}

static void judge_token(Walk *walk, guint base, const guint8 *p)
{
    if (base == FUNC)
        judge_function(walk, mgk_xlsb_u16(p));
    else if (base == FUNC_VAR)
        judge_function(walk, mgk_xlsb_u16(p + 1));
    else if (base == NAME)
        judge_name(walk, mgk_xlsb_u32(p));
    else if (base >= NAME_X && base <= AREA_ERR_3D)
        judge_sheet(walk, mgk_xlsb_u16(p));
    else if (base == LIST)
        judge_sheet(walk, mgk_xlsb_u16(p + 1));
    if (base == NAME_X)
        judge_name(walk, mgk_xlsb_u32(p + 2));
}

static gboolean skip_extra(Walk *walk, guint64 n)
{
    if (walk->extra_left < n)
        return FALSE;
    walk->extra += n;
    walk->extra_left -= (gsize)n;
    return TRUE;
}

/* One constant of {1;2|"x"} (2.5.97.77 SerAr); 0 when it makes no sense. */
static gsize constant_size(const guint8 *p, gsize left)
{
    switch (left ? p[0] : 0xff) {
    case 0:
        return 9;
    case 1:
        return left < 3 ? 0 : 3 + (gsize)mgk_xlsb_u16(p + 1) * 2;
    case 2:
        return 2;
    case 4:
        return 5;
    default:
        return 0;
    }
}

/* 2.5.97.35 PtgExtraArray: two counts, and the constants. */
static gboolean skip_array(Walk *walk)
{
    if (walk->extra_left < 8)
        return FALSE;
    guint64 n = (guint64)mgk_xlsb_u32(walk->extra) * mgk_xlsb_u32(walk->extra + 4);
    if (!skip_extra(walk, 8) || n > walk->extra_left)
        return FALSE;
    for (guint64 i = 0; i < n; i++) {
        gsize size = constant_size(walk->extra, walk->extra_left);
        if (size == 0 || !skip_extra(walk, size))
            return FALSE;
    }
    return TRUE;
}

/* The length behind a token's first byte; FALSE when it makes no sense. */
static gboolean token_size(const Walk *walk, guint base, gsize *ret_size)
{
    gint8 fixed = sizes[base];
    gsize left = walk->left - 1;
    *ret_size = fixed < 0 ? 0 : (gsize)fixed;
    if (base == STR && left >= 2)
        *ret_size = 2 + (gsize)mgk_xlsb_u16(walk->p + 1) * 2;
    else if (base == LIST && left >= 1 && walk->p[1] == TABLE)
        *ret_size = TABLE_BYTES;
    else if (fixed < 0)
        return FALSE;
    if (base == ATTR && left >= 3 && (walk->p[1] & CHOOSE) && walk->p[1] != CHOOSE)
        return FALSE; /* of two kinds: what one reader takes for a jump table are tokens to another */
    if (base == ATTR && left >= 3 && walk->p[1] == CHOOSE)
        *ret_size = 3 + (mgk_xlsb_u16(walk->p + 2) + (gsize)1) * 2;
    return *ret_size <= left;
}

static gboolean walk_token(Walk *walk)
{
    guint token = walk->p[0], base = token;
    gsize size = 0;
    if (token & 0x80)
        return FALSE;
    if (token >= 0x40)
        base = (token & 0x1f) | 0x20;
    if (!token_size(walk, base, &size))
        return FALSE;
    judge_token(walk, base, walk->p + 1);
    walk->p += size + 1;
    walk->left -= size + 1;
    if (base == ARRAY)
        return skip_array(walk);
    if (base == MEM_AREA)
        return walk->extra_left >= 4 && skip_extra(walk, 4 + (guint64)mgk_xlsb_u32(walk->extra) * 16);
    return TRUE;
}

MgkBiffVerdict mgk_xlsb_formula(const MgkBiffScope *scope, const guint8 *tokens, gsize size, gsize extra,
                                gint64 *ret_master)
{
    const guint8 *constants = tokens + size + 4; /* behind their count */
    if (size == 5 && extra == 4 && tokens[0] == EXP) {
        if (ret_master)
            *ret_master = mgk_xlsb_cell(mgk_xlsb_u32(tokens + 1), mgk_xlsb_u32(constants));
        return ret_master && *ret_master >= 0 ? MGK_BIFF_SHARED : MGK_BIFF_UNKNOWN;
    }
    Walk walk = {.scope = scope, .p = tokens, .left = size, .extra = constants, .extra_left = extra};
    while (walk.left > 0) {
        if (!walk_token(&walk))
            return walk.verdict == MGK_BIFF_SAFE ? MGK_BIFF_UNKNOWN : walk.verdict;
    }
    if (walk.extra_left > 0 || walk.called != walk.named)
        judge(&walk, MGK_BIFF_UNKNOWN);
    return walk.verdict;
}
