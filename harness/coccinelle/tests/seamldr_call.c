// SPDX-License-Identifier: GPL-2.0-only
/* Not compiled: what seamldr_call.cocci has to find is marked, all else it has to pass. */

u64 seamldr_seamcall(u64 fn, struct tdx_module_args *args)
{
	return __seamcall_dirty_cache(__seamcall, fn, args);
}

static u64 seamldr_seamcall_ret(u64 fn, struct tdx_module_args *args)
{
	return __seamcall_dirty_cache(__seamcall_ret, fn, args);
}

static u64 seamldr_call_until_taken(u64 fn, struct tdx_module_args *args)
{
	return seamldr_seamcall_ret(fn, args);
}

static u64 seamldr_call(u64 fn, struct tdx_module_args *args)
{
	return seamldr_call_until_taken(fn, args);
}

static u64 module_call(u64 fn, struct tdx_module_args *args)
{
	return seamldr_seamcall(fn, args);
}

static u64 good(struct tdx_module_args *args)
{
	return seamldr_call(SEAMLDR_INFO, args) ?: module_call(TDH_SYS_UPDATE, args);
}

static u64 past_the_lock(struct tdx_module_args *args)
{
	u64 status;

	status = seamldr_call_until_taken(args->rcx, args);	/* bad */
	if (status)
		return status;
	if (seamldr_seamcall_ret(args->rcx, args))		/* bad */
		return 1;
	return seamldr_seamcall(args->rcx, args);		/* bad */
}

static u64 past_the_stub(struct tdx_module_args *args)
{
	if (seamcall(args->rcx, args))				/* bad */
		return 1;
	return __seamcall_ret(args->rcx, args);			/* bad */
}

static u64 leaf_to_others(struct tdx_module_args *args)
{
	module_call(SEAMLDR_INSTALL, args);			/* bad */
	return good(SEAMLDR_INFO);				/* bad */
}
