using Xunit.v3;

// Most of these tests wait for the ends of leases, for starts and for outages: a third class beside two uses the time.
[assembly: Parallelization(MaxThreads = 3)]
