// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any image, at any address: is it taken or refused for a good reason, and does the
 * P-SEAMLDR get the pages that it should?  An input is a byte for the address, then an
 * image as in sparse.h.
 */
#include <stdlib.h>

#include "judge.h"
#include "seamldr.h"
#include "sparse.h"

#define MAX_SHIFT	16

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

u64 fuzz_seamcall(u64 fn, struct tdx_module_args *args)
{
	judge(false, "a call to the firmware");
	return TDX_SUCCESS;
}

static void parse(const uint8_t *image, size_t size)
{
	struct seamldr_verdict verdict = { 0 };
	struct seamldr_blob blob;
	struct opinion opinion;
	int ret;

	oracle_file(image, size, &opinion);

	ret = seamldr_blob_parse(image, size, &blob, &verdict);
	judge_refusal("file", ret, &verdict, opinion.file);
	if (ret)
		return;
	judge_view(image, &blob, &opinion);

	ret = seamldr_blob_check_sigstruct(&blob, &verdict);
	judge_refusal("sigstruct", ret, &verdict, opinion.sigstruct);
	if (!ret && (uintptr_t)image % ORACLE_PAGE == 0)
		judge_params(image, &blob, &opinion);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t left)
{
	struct input input = { .at = bytes, .left = left };
	size_t shift = input_u8(&input) % MAX_SHIFT;
	size_t size = sparse_size(&input);
	void *buffer;

	/* As long as the image and no longer: reading behind it is an error. */
	if (posix_memalign(&buffer, ORACLE_PAGE, shift + size))
		abort();
	sparse_fill(&input, (uint8_t *)buffer + shift, size);
	parse((uint8_t *)buffer + shift, size);
	free(buffer);
	return 0;
}
