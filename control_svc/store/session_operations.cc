#include "control_svc/store/session_operations.h"
