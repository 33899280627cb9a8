// SPDX-License-Identifier: GPL-2.0-only
/* Not compiled: what the kernel's free/ifnullfree.cocci has to find is marked. */

static void drop(struct seamldr_params *params)
{
	if (params)
		kfree(params);		/* bad */
}
