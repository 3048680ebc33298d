/* finish.h - the end of a message: keep the original, clean, decide, edit. */
#pragma once

#include "transaction.h"

/* Answers the end of a message: SMFIS_CONTINUE after all edits were taken, else SMFIS_TEMPFAIL. In dry-run mode
 * SMFIS_CONTINUE without edits. Logs the mail. */
sfsistat mgk_finish(const MgkService *service, MgkTransaction *transaction, SMFICTX *context);
