// SPDX-License-Identifier: GPL-2.0-only
/* Not compiled: what shared.cocci has to find is marked, all else it has to pass. */

static enum seamldr_reason last_error;

static const char *good(void)
{
	WRITE_ONCE(last_error, SEAMLDR_REASON_NONE);
	return seamldr_reason_token(READ_ONCE(last_error));
}

static const char *bad(const struct seamldr_verdict *verdict)
{
	last_error = verdict->reason;				/* bad */
	return seamldr_reason_token(last_error);		/* bad */
}

static void publish(struct seamldr_update *update, unsigned int generation)
{
	smp_store_release(&update->generation, generation);
}

static void lead(struct seamldr_update *update)
{
	publish(update, update->generation + 1);
}

static bool poll(struct seamldr_update *update, unsigned int *seen)
{
	unsigned int generation = smp_load_acquire(&update->generation);

	if (update->generation == *seen)			/* bad */
		return true;
	update->generation = generation;			/* bad */
	return READ_ONCE(update->generation) == generation;	/* bad */
}

static enum tdx_module_status tdx_module_status(void)
{
	if (READ_ONCE(tdx_module_state.status) == TDX_MODULE_LOST)
		WRITE_ONCE(tdx_module_state.status, TDX_MODULE_LOST);
	return tdx_module_state.status;				/* bad */
}
