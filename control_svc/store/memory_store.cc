#include "control_svc/store/memory_store.h"
