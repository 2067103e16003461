"""Takes the document of a service with keys and gives that of a service without."""

import json
import sys

document = json.load(sys.stdin)
del document["components"]["securitySchemes"]
document.pop("security", None)
for item in document["paths"].values():
    for operation in item.values():
        operation.pop("security", None)
json.dump(document, sys.stdout)
