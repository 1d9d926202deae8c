"""What ships and what it is made of: bills of materials, licences, known vulnerabilities, secrets, workflows.

Each question is answered by a tool that others keep, at one version, in an environment that uv makes for it alone.
"""
