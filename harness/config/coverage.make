# The files that the series creates; in other folders such names do no harm.
GCOV_PROFILE_seamldr.o=y
GCOV_PROFILE_seamldr_blob.o=y
GCOV_PROFILE_seamldr_kept.o=y
GCOV_PROFILE_seamldr_preflight.o=y
GCOV_PROFILE_seamldr_reason.o=y
GCOV_PROFILE_seamldr_update.o=y
GCOV_PROFILE_hash.o=y
GCOV_PROFILE_host.o=y
GCOV_PROFILE_signature.o=y
GCOV_PROFILE_update.o=y
