"""Both forms of a project in step: what changed on one side is merged into what people made of the other."""
