#!/bin/sh
# A swarm as a Slurm array job: sbatch --array=1-32 slurm.sh. Afterwards: dhcpfo report merge part-*.json > whole.json
# The result does not depend on the number of parts.
#SBATCH --job-name=dhcpfo-swarm
#SBATCH --cpus-per-task=4
#SBATCH --time=01:00:00
exec dhcpfo simulate scenarios/simulate/campus.toml --swarm --runs 100000 --failures 1000 --until 3d \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --jobs "$SLURM_CPUS_PER_TASK" --json --no-times \
    > "part-$SLURM_ARRAY_TASK_ID.json"
