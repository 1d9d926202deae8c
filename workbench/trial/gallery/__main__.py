"""Makes the files of events/ anew."""

from trial.gallery import files

for path in files.write():
    print(path.relative_to(files.EVENTS.parent))
