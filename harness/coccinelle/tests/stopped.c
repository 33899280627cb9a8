// SPDX-License-Identifier: GPL-2.0-only
/* Not compiled: what stopped.cocci has to find is marked, all else it has to pass. */

static void deep_below(int status)
{
	if (status)
		pr_err("status %d\n", status);			/* bad */
}

static int below(struct seamldr_update *update)
{
	guard(raw_spinlock)(&update->failure_lock);
	deep_below(update->status);
	return update->status;
}

static void count(struct seamldr_update *update)
{
	guard(mutex)(&update->lock);				/* bad */
	scoped_guard(spinlock, &update->lock)			/* bad */
		update->count++;
}

static void step_one(struct seamldr_update *update, unsigned int cpu)
{
	update->copy = kmalloc_obj(*update->copy);		/* bad */
	trace_seamldr_update_step("one", cpu, 0, 0);		/* bad */
	kfree(update->copy);					/* bad */
	below(update);
}

static void step_two(struct seamldr_update *update, unsigned int cpu)
{
	udelay(1);
	count(update);
}

static const struct update_step steps[] = {
	{ .name = "one", .run = step_one },
	{ .name = "two", .run = step_two },
};

static bool lead(struct seamldr_update *update)
{
	mutex_lock(&update->mutex);				/* bad */
	return false;
}

static int update_on_cpu(void *data)
{
	while (lead(data))
		cond_resched();					/* bad */
	return 0;
}

/* After all CPUs were released. */
static void report(struct seamldr_update *update)
{
	pr_info("done\n");
	kfree(update);
}
