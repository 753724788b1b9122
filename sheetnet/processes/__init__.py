"""Work on many files in processes, here or on a Dask cluster; one that dies takes no other file with it."""

from sheetnet.processes.order import in_processes as in_processes
from sheetnet.processes.order import work_over as work_over
