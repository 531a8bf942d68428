// Read by jemalloc before main (jemalloc(3), "TUNING"). What is free goes back to the system within
// ten seconds, by a thread of jemalloc's own: nobody who allocates stops for it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "background_thread:true";
