"""Every finding that paws can report, by number.

1xx a Chalice project, 2xx a SAM project, 3xx Python code, 4xx what the other
framework does differently, 9xx input and output. A number never changes its meaning.
"""

from __future__ import annotations

from converter.diagnostics import Code, Severity

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR

# --- 1xx: a Chalice project -------------------------------------------------

NO_CHALICE_OBJECT = Code(
    "PAWS101",
    ERROR,
    "No Chalice object",
    "Chalice looks for an object named `app` in app.py, made by `Chalice(app_name=...)`. None was"
    " found, neither there nor in a module that app.py imports it from.",
    "create it with app = Chalice(app_name='...') in app.py",
)
SEVERAL_CHALICE_OBJECTS = Code(
    "PAWS102",
    ERROR,
    "Several Chalice objects",
    "app.py makes more than one Chalice object, so it cannot be said which one is deployed.",
    "keep one Chalice object per project",
)
UNSUPPORTED_HANDLER = Code(
    "PAWS103",
    ERROR,
    "A handler that is not converted",
    "This kind of handler has no conversion in this version. The other functions were converted; "
    "this one is not in the output.",
    "convert this handler by hand",
)
DYNAMIC_HANDLER = Code(
    "PAWS104",
    ERROR,
    "A handler that the source does not show",
    "The handler is defined inside a function, a loop, a condition or a class, or its arguments "
    "are not literals, so the source alone does not say which Lambda functions exist.",
    "define it at the top level of the module, with literal arguments, or run app.py with `--introspect`",
)
DUPLICATE_HANDLER_FUNCTION = Code(
    "PAWS105",
    WARNING,
    "Two handlers with one function name",
    "Chalice finds a handler at run time by module and function name. Of several functions with "
    "one name only the last exists at run time, so under Chalice all these Lambda functions run "
    "the last one. Each gets its own code here.",
    "check that this is what was meant",
)
UNKNOWN_DECORATOR_ARGUMENT = Code(
    "PAWS106",
    WARNING,
    "A decorator argument that Chalice does not take",
    "The argument is not one of the decorator's parameters, so it has no counterpart.",
    "remove it, or carry its meaning over by hand",
)
DUPLICATE_FUNCTION = Code(
    "PAWS107",
    ERROR,
    "Two Lambda functions with one name",
    "Chalice refuses two Lambda functions with one name.",
    "give one of them another name with name='...'",
)
NO_HANDLER = Code(
    "PAWS108",
    ERROR,
    "No handler found",
    "Nothing in app.py, chalicelib/ or a registered Blueprint is decorated with one of Chalice's decorators. "
    "If handlers are made in some other way, as from a specification file, the source does not show them.",
    "convert the project by hand, or give its handlers decorators",
)
UNKNOWN_CONFIG_KEY = Code(
    "PAWS111",
    WARNING,
    "A config key that Chalice does not read",
    "Chalice ignores unknown keys in .chalice/config.json, so the key has no effect there and none here.",
    "remove it, or correct its spelling",
)
INVALID_CONFIG_VALUE = Code(
    "PAWS112",
    ERROR,
    "A config value that Chalice cannot use",
    "The value has the wrong type or is out of range.",
    "correct the value",
)
UNKNOWN_CONFIG_FUNCTION = Code(
    "PAWS113",
    WARNING,
    "Settings for a function that does not exist",
    "An entry of lambda_functions names a function that the source does not define.",
    "remove the entry, or correct its name",
)
MISSING_POLICY_FILE = Code(
    "PAWS114",
    ERROR,
    "A policy file that is not there",
    "autogen_policy is off, so Chalice reads the policy from a file, and the file is missing.",
    "write the policy file",
)
NO_CONFIG = Code(
    "PAWS115",
    INFO,
    "No .chalice/config.json",
    "Without it the project has one stage, dev, and Chalice's defaults.",
    "",
)
API_SETTING = Code(
    "PAWS116",
    INFO,
    "A setting of an API that the project does not have",
    "The key sets up API Gateway, and no handler needs an API, so it has no effect.",
    "",
)

UNKNOWN_STAGE = Code(
    "PAWS117",
    WARNING,
    "A stage that the config does not name",
    "Chalice accepts any stage name; one that .chalice/config.json does not name has the settings"
    " of the top level.",
    "check the name",
)
UNREGISTERED_BLUEPRINT = Code(
    "PAWS118",
    WARNING,
    "A handler of a Blueprint that is not registered",
    "app.py never registers the Blueprint, so Chalice does not deploy its handlers.",
    "register the Blueprint if the handler is wanted",
)

HANDLER_INSIDE = Code(
    "PAWS131",
    WARNING,
    "A handler inside of a function, a loop or a condition",
    "Whether Chalice registers the handler is decided when app.py is imported. It is taken for registered, "
    "and its code stays Chalice's.",
    "check that it is registered; define it at the top level of the module to get it converted",
)
NOT_INTROSPECTED = Code(
    "PAWS132",
    WARNING,
    "An application that could not be run",
    "`--introspect` imports app.py in a sandbox without network, to see what it registers. That failed, so "
    "the source alone was read.",
    "install what app.py imports beside paws, or make it importable without AWS",
)
ONLY_WHEN_RUN = Code(
    "PAWS133",
    ERROR,
    "A function that only running app.py shows",
    "Chalice registers the function when app.py is imported, but the source does not show it, so it is not "
    "in the output.",
    "define it at the top level of the module, with literal arguments",
)
LOCAL_REQUIREMENT = Code(
    "PAWS119",
    WARNING,
    "A requirement that is a path",
    "The requirement names a folder relative to the project. Each function has a requirements.txt"
    " of its own now, so the path has to be adapted.",
    "adapt the path, or publish the package",
)

RUNTIME_ASSUMED = Code(
    "PAWS120",
    INFO,
    "A Python version that the project does not name",
    "Chalice runs functions on the Python that packages them; a template names it.",
    "say it with --runtime, or in .python-version",
)
RUNTIME_NOT_OFFERED = Code(
    "PAWS134",
    WARNING,
    "A Python version that Lambda no longer offers",
    "The project names it, so the template does; Lambda takes it for no new function, and neither Chalice "
    "nor Powertools runs on it.",
    "try the code on a newer Python, and name that: --runtime, or the file that says it",
)
POLICY_NOT_GENERATED = Code(
    "PAWS121",
    WARNING,
    "A policy that Chalice cannot generate",
    "autogen_policy is on, and Chalice's analyzer of app.py, which works out the policy, stops at code that "
    "it does not expect. So does chalice package. The functions may write their logs and nothing else.",
    "write a policy file, and set autogen_policy to false",
)

UNSUPPORTED_SETTING = Code(
    "PAWS122",
    ERROR,
    "A setting that is not converted",
    "The setting has no conversion in this version, and is not in the output.",
    "set it up by hand",
)
INVALID_FUNCTION_NAME = Code(
    "PAWS123",
    ERROR,
    "A name that no Lambda function can have",
    "The name of a Lambda function is made of letters of the English alphabet, digits, hyphens and "
    "underscores. Lambda refuses any other, so Chalice cannot deploy the function either. It is not in the "
    "output.",
    "give the function another name with name='...'",
)

STAGES_ALIKE = Code(
    "PAWS124",
    WARNING,
    "A difference between stages that a template cannot hold",
    "All stages are deployed from one SAM template, and this is one of the few things in it that cannot "
    "differ by stage. With `--stage NAME` the template is that of a single stage.",
    "say the same for every stage, or convert each by itself with --stage",
)

SAMCONFIG_REPLACED = Code(
    "PAWS125",
    WARNING,
    "A samconfig file that was replaced",
    "The project has a samconfig file of its own, for deploying what chalice package makes. It does not say "
    "what the new template takes: which stage, or which profile, or that template.yaml is the template.",
    "carry over what the new samconfig.toml lacks, such as the region",
)

NO_EFFECT = Code(
    "PAWS126",
    INFO,
    "A config key without effect",
    "Chalice looks at the key only beside another one, which says otherwise or is missing. It has no effect "
    "there and none here.",
    "",
)

INVALID_DECORATOR_ARGUMENT = Code(
    "PAWS127",
    ERROR,
    "A decorator argument that makes no event",
    "Chalice would refuse the argument when it imports the app, or the source does not show its value. "
    "The function is converted, and nothing invokes it.",
    "write the value as a constant, or add the event to the function in template.yaml",
)
BUCKET_NOTIFICATION = Code(
    "PAWS128",
    INFO,
    "A bucket that is not of the stack",
    "CloudFormation configures the notifications only of buckets that it makes, so the bucket of an "
    "`on_s3_event` handler needs somebody else to do it: a small function in the SAM project, which "
    "CloudFormation calls as the custom resource `Custom::BucketNotification`. It leaves the bucket's other "
    "notifications alone.",
    "before the first deployment, `chalice delete` the old stage, or its notification and the new one clash",
)
CORS_FOR_ALL = Code(
    "PAWS129",
    WARNING,
    "CORS that was one route's",
    "Chalice answers preflight requests where a route has `cors`, with that route's configuration. SAM's "
    "`Cors` is one for the whole API. What the functions answer is not changed: without CORS headers a "
    "browser hides the answer from scripts of other origins, but after a preflight request it sends the "
    "request.",
    "check that the API may say so; the exact form needs an OpenAPI document as the API's DefinitionBody",
)
UNKNOWN_ARGUMENT = Code(
    "PAWS130",
    WARNING,
    "A decorator argument that the source does not show",
    "The value is worked out when app.py is imported, by more than constants, environment variables that the "
    "config sets, and simple expressions of them. It is a parameter of the template.",
    "give the parameter a value: parameter_overrides in samconfig.toml",
)

# --- 2xx: a SAM project -----------------------------------------------------

INVALID_YAML = Code(
    "PAWS201",
    ERROR,
    "Broken YAML",
    "The file is not valid YAML 1.1, which is what CloudFormation and the SAM CLI read.",
    "correct it at this place",
)
UNKNOWN_TAG = Code(
    "PAWS202",
    ERROR,
    "A YAML tag that CloudFormation does not know",
    "Tags in a template are the short names of intrinsic functions, such as !Ref and !Sub. "
    "CloudFormation refuses any other.",
    "correct its spelling",
)
UNRENDERED_TEMPLATE = Code(
    "PAWS203",
    ERROR,
    "A template of a template",
    "The file holds Jinja or cookiecutter placeholders, so it is the model from which projects "
    "are made, and not yet a project.",
    "make a project of it first, with sam init or cookiecutter",
)
NOT_A_TEMPLATE = Code(
    "PAWS204",
    ERROR,
    "Not a CloudFormation template",
    "A template is a mapping with the section Resources, and each of its sections is a mapping.",
    "correct it at this place",
)
INVALID_SAMCONFIG = Code(
    "PAWS205",
    ERROR,
    "A samconfig file that cannot be used",
    "samconfig.toml or samconfig.yaml is broken, or holds a value that the SAM CLI does not "
    "understand either.",
    "correct the value",
)
INVALID_POLICY_TEMPLATE = Code(
    "PAWS206",
    ERROR,
    "A policy template that SAM cannot expand",
    "SAM knows no policy template of this name, or the template lacks a parameter.",
    "correct the policy",
)

CARRIED_FUNCTION = Code(
    "PAWS220",
    WARNING,
    "A function that Chalice cannot hold",
    "Chalice deploys Python functions from the project's own code. Anything else stays in the "
    "merge template, .chalice/resources.yaml, as it is.",
    "deploy with chalice package --merge-template",
)
CODE_OUTSIDE = Code(
    "PAWS221",
    INFO,
    "Code outside the project",
    "CodeUri names a folder that is not below the template's. A Chalice project holds all its code itself.",
    "",
)
MISSING_CODE = Code(
    "PAWS222",
    ERROR,
    "Code that is not there",
    "CodeUri or Handler names a folder, file or function that the project does not have.",
    "correct CodeUri or Handler, or add the file",
)
UNKNOWN_ENVIRONMENT = Code(
    "PAWS223",
    WARNING,
    "A stage that samconfig does not name",
    "The stages of a SAM project are the environments of its samconfig file.",
    "check the name",
)
ABSORBED_LAYER = Code(
    "PAWS224",
    INFO,
    "A layer that becomes part of the project",
    "Chalice deploys the project's own code and packages with every function, so a layer that only held "
    "them is not needed any more, nor are its name and description.",
    "",
)
CARRIED_PROPERTY = Code(
    "PAWS226",
    INFO,
    "A property that Chalice has no setting for",
    "The property stays in the merge template, .chalice/resources.yaml, and is deployed by "
    "chalice package --merge-template.",
    "",
)

OLD_RUNTIME = Code(
    "PAWS227",
    WARNING,
    "A Python version that Chalice does not run on",
    "Chalice packages functions for the Python that runs it, and needs 3.10 or newer. Lambda has "
    "retired the older versions too.",
    "test the code on a newer Python before deploying",
)

OPEN_PARAMETER = Code(
    "PAWS228",
    WARNING,
    "A parameter that has to be given on deployment",
    "The parameter differs by stage, and something in the merge template uses it. chalice package chooses "
    "the stage of the functions; the parameter is chosen by sam deploy.",
    "deploy each stage with sam deploy --config-env, which takes it from samconfig",
)

NO_FUNCTION = Code(
    "PAWS229",
    ERROR,
    "No function for Chalice",
    "The template has no Python function whose code is in the project, so there is nothing that "
    "Chalice could deploy.",
    "",
)

ABSORBED_ROLE = Code(
    "PAWS230",
    INFO,
    "A role that becomes part of the config",
    "Chalice makes the roles of its functions by itself, from a policy file or from what the code calls. A "
    "role that only held the functions' permissions is not needed any more, nor are its name and the names "
    "of its policies.",
    "",
)
LOST_COMMENT = Code(
    "PAWS231",
    INFO,
    "Comments on what is written anew",
    "What the template says of the functions stands in .chalice/config.json now, and JSON has no comments; a "
    "function that is carried has its Globals joined in. Comments on everything else stay where they were.",
    "move what is worth keeping to app.py",
)
BUILT_OTHERWISE = Code(
    "PAWS232",
    WARNING,
    "A build that Chalice does not do",
    "The function's Metadata says how sam build makes its package. Chalice packages its functions itself: "
    "the code, and what requirements.txt lists.",
    "check that the package lacks nothing that was built",
)

MERGED_ALIKE = Code(
    "PAWS233",
    WARNING,
    "A difference between stages that a Chalice project cannot hold",
    "Chalice has no setting for it, so it stands in the merge template, .chalice/resources.yaml, which is one"
    " for all stages.",
    "convert each stage by itself with --stage, or edit the merge template before packaging a stage",
)

LEFT_OUT_OF_SAMCONFIG = Code(
    "PAWS234",
    INFO,
    "Settings of the SAM CLI",
    "samconfig says how sam deploy works. chalice deploy takes the region and the credentials from the AWS "
    "CLI's configuration, and keeps what it deploys without a bucket or a stack.",
    "",
)
ONLY_ITS_EVENTS = Code(
    "PAWS235",
    INFO,
    "A function that takes its own events only",
    "Chalice makes an object of the event before it calls the handler, and needs all that EventBridge or SNS "
    "puts into it. Invoked by hand with another payload (`aws lambda invoke`), the function fails.",
    "nothing, if only its event source invokes it; otherwise use `@app.lambda_function` and leave the event "
    "in the merge template",
)
SEPARATE_API = Code(
    "PAWS236",
    INFO,
    "An API that stays in the merge template",
    "Chalice serves all routes of its one REST API by one function, and by what its decorators can say. An "
    "API for which that is not enough stays in the merge template, .chalice/resources.yaml, with its routes "
    "as events of its functions.",
    "nothing has to be done; to have @app.route, change what is named",
)
JOINED_FUNCTIONS = Code(
    "PAWS237",
    WARNING,
    "Functions that are one now",
    "Chalice serves all routes by one Lambda function. It stands for several of the template, with the "
    "environment variables and the permissions of all, the greatest timeout and memory, and no description.",
    "nothing has to be done; --http separate keeps a function for each",
)

SEPARATE_WEBSOCKETS = Code(
    "PAWS238",
    INFO,
    "A WebSocket API that stays in the merge template",
    "Chalice has one WebSocket API, with a function of its own for each of $connect, $default and "
    "$disconnect. One for which that is not enough stays in the merge template, .chalice/resources.yaml, and "
    "its functions are plain Lambda functions.",
    "nothing has to be done; to have @app.on_ws_message, change what is named",
)

# --- 3xx: Python code -------------------------------------------------------

UNPARSABLE_PYTHON = Code(
    "PAWS301",
    ERROR,
    "Python that does not parse",
    "The file is not valid Python 3 for the running interpreter.",
    "correct the syntax error",
)
PYTHON_2 = Code(
    "PAWS302",
    ERROR,
    "Python 2 source",
    "The file uses Python 2 syntax. Lambda has no Python 2 runtime any more.",
    "port it to Python 3 first, for example with 2to3",
)
LEFT_OUT_CODE = Code(
    "PAWS303",
    INFO,
    "Code that no handler uses",
    "The statement has no effect at import time and no Lambda function needs what it defines.",
    "",
)
KEEPS_CHALICE = Code(
    "PAWS304",
    WARNING,
    "Chalice stays at run time",
    "The code uses a part of Chalice that has no rewrite yet, so the function keeps Chalice among"
    " its requirements.",
    "replace it by hand to get rid of the dependency",
)
SIBLING_MODULE = Code(
    "PAWS305",
    WARNING,
    "A module that Chalice does not deploy",
    "Chalice deploys app.py, chalicelib/ and vendor/. The module lies elsewhere, so importing it "
    "fails on Lambda under Chalice. It is carried here.",
    "",
)
MODULE_NAME_CHANGED = Code(
    "PAWS306",
    INFO,
    "__name__ has another value",
    "The code moved to another module, so `__name__` (and a logger named after it) changed.",
    "",
)

KEPT_HANDLER = Code(
    "PAWS307",
    WARNING,
    "A handler that stays Chalice's",
    "The handler uses what Chalice makes of its event in a way that has no plain form. It makes that object "
    "itself, as Chalice's decorator did; under middleware, and inside of other statements, it keeps that "
    "decorator. The two files of Chalice that run on Lambda lie beside it, so it does what it did.",
    "nothing has to be done; to get rid of Chalice, let the handler read the event itself",
)
KEPT_API = Code(
    "PAWS308",
    WARNING,
    "Routes that stay Chalice's",
    "Something of the application has no counterpart in Powertools, or none that answers the same. The "
    "function that serves the routes runs on Chalice as before: its files for Lambda lie beside the code.",
    "nothing has to be done; to get rid of Chalice, change what is named and convert again",
)
LOST_MIDDLEWARE = Code(
    "PAWS309",
    WARNING,
    "Middleware that is not called any more",
    "A module of chalicelib/ has functions of its own beside routes, and registers middleware by a call. The "
    "module is taken apart for its functions, and the call is in none of the parts.",
    "write the middleware with @blueprint.middleware(...), or register it in app.py, and convert again",
)
LOGGED_EVENT = Code(
    "PAWS310",
    WARNING,
    "A line of a log that says more",
    "The code writes Chalice's object of an event or a record to a log, which shows its class and an "
    "address. It is a dict now, and the log shows all that is in it.",
    "take it out of the line if it holds what does not belong into a log",
)
HANDLER_NOT_FOUND = Code(
    "PAWS350",
    ERROR,
    "A handler that is not there",
    "The template's Handler names a file or a function that the code folder and the layers do not"
    " have. The function is left out of app.py.",
    "correct Handler, or add the function",
)
IMPORT_LEAVES_FOLDER = Code(
    "PAWS351",
    ERROR,
    "An import from outside the code folder",
    "The relative import names a module above the code folder. Lambda has only what lies in the "
    "folder, so the import fails there, and it was left as it is.",
    "move the module into the code folder or a layer",
)
IMPORT_BY_NAME = Code(
    "PAWS352",
    WARNING,
    "A module that is named at run time",
    "The code imports a module whose name is a text or is put together at run time. The modules "
    "have new names in chalicelib/, and such a name cannot be rewritten.",
    "put the package in front of the name, as the rewritten imports around it have it",
)
MODULE_IN_TEXT = Code(
    "PAWS353",
    WARNING,
    "A module that is named in a text",
    "The text looks like the dotted name of something in a module that has moved, as in "
    "mock.patch or a logging configuration. Texts are not rewritten.",
    "put the package in front of the name, if it is one",
)
DATA_FILE_MOVED = Code(
    "PAWS354",
    WARNING,
    "A data file that is not found any more",
    "The code reads a file by a path from the function's folder or from /opt, and the file lies "
    "elsewhere in a Chalice project.",
    "build the path from the module's own place: Path(__file__).parent / ...",
)
DATA_FILE_IN_VENDOR = Code(
    "PAWS355",
    INFO,
    "A data file in vendor/",
    "The code reads the file by a path from the function's folder, which is the current folder on"
    " Lambda. Chalice unpacks vendor/ there (but into a layer with automatic_layer), so that the "
    "path still leads to it.",
    "",
)
INIT_NOT_RUN = Code(
    "PAWS356",
    INFO,
    "An __init__.py that Lambda does not run",
    "The code folder itself is not a package on Lambda, so its __init__.py never runs. The folder"
    " is a package here; its __init__.py is empty, so that importing it does nothing new.",
    "",
)
LEFT_OUT_FILE = Code(
    "PAWS357",
    INFO,
    "A file that no function needs",
    "The file is a test of, or a text about, code that is now part of app.py, or describes a "
    "layer. It would be deployed for nothing.",
    "",
)
TWO_VERSIONS = Code(
    "PAWS358",
    WARNING,
    "Two versions of an installed package",
    "Two functions or layers hold different versions of a package that pip installed. Only one "
    "can have its own name in a Chalice project; the other one became part of the function's "
    "package, and its own imports were rewritten.",
    "list it in requirements.txt in one version, if it can be",
)

PATH_EDIT = Code(
    "PAWS359",
    WARNING,
    "Code that edits sys.path",
    "The code puts a folder on sys.path. A path that starts from the module's own place still "
    "leads to the folders beside it; one that starts from the current folder, or leads out of the"
    " code folder, does not.",
    "check it, or import from the package instead",
)
KEPT_RESOLVER = Code(
    "PAWS360",
    INFO,
    "Routes that are no views",
    "The function's handler is an object that finds the view of each request: a resolver of Powertools', or "
    "an app object of Chalice's. Only what is known to answer the same becomes views in app.py; because of "
    "what is named, the function keeps the object.",
    "nothing has to be done; to have views, write what is named in Chalice's way, or try --http idiomatic",
)

MOUNTED_HANDLER = Code(
    "PAWS361",
    INFO,
    "A handler that is no view",
    "With --http idiomatic, a function that answers API Gateway itself becomes a view of Chalice's where the "
    "source shows that the answers stay the same, byte for byte. Because of what is named, the function "
    "stays as it is, and a view asks it for the answer.",
    "nothing has to be done; to have a view, write what is named in a plainer way",
)

# --- 4xx: what the other framework does differently --------------------------

ROUTE_ORDER = Code(
    "PAWS401",
    WARNING,
    "Two routes that one request fits",
    "API Gateway prefers the more literal of two paths and calls the function, where Powertools goes through "
    "its routes again: those without parameters first, the others in the order of the source. A request that "
    "fits both gets the view that comes first.",
    "put the view with the more literal path above the other",
)
TEST_OF_OLD_FORM = Code(
    "PAWS431",
    WARNING,
    "A test that imports what has moved",
    "Tests are taken along as they are. One that imports the app object or uses chalice.test.Client has"
    " nothing to import in the new project; one that imports chalicelib needs its folder on the path.",
    "call the handler of its module with an event instead",
)
CALLS_CHALICE = Code(
    "PAWS432",
    WARNING,
    "A script that calls chalice",
    "A pipeline, Makefile or script runs Chalice's command line, which cannot work on the new project. The"
    " file itself is not taken along.",
    "call the SAM CLI instead",
)
DEPLOYED_BEFORE = Code(
    "PAWS433",
    WARNING,
    "A project that is deployed",
    "`chalice deploy` has left a note of what it made (.chalice/deployed/). The SAM project makes a stack of"
    " its own beside it: MIGRATION.md says what exists, what the stack makes, what would clash, and in"
    " which order to go.",
    "read MIGRATION.md before the first deployment",
)
NEAR_LIMIT = Code(
    "PAWS434",
    WARNING,
    "Near a limit of CloudFormation",
    "A stack holds 500 resources at most; a template 1 MB, 200 parameters and 200 outputs. SAM makes several"
    " resources of one function, each counted here.",
    "split the project into several stacks, or nest them",
)

UNSEEN_CALL = Code(
    "PAWS435",
    WARNING,
    "A call that may need a permission",
    "With --least-privilege each function gets what its own code asks of AWS. This place hides which client,"
    " which service or which call it is, so nothing was granted for it.",
    "add what it needs to the function's Policies",
)
ANY_RESOURCE = Code(
    "PAWS436",
    INFO,
    "A permission for every resource",
    "The action is granted on *, because the source and the environment variables do not show which table,"
    " bucket or other resource the call is about, or IAM takes no resource for it.",
    "write the resource's ARN into the function's Policies",
)

# --- 9xx: input and output ---------------------------------------------------

NOT_A_PROJECT = Code(
    "PAWS901",
    ERROR,
    "Not a project",
    "The folder holds neither a Chalice project (app.py) nor a SAM project (template.yaml) of the"
    " kind asked for.",
    "name the project's folder",
)
UNREADABLE_FILE = Code(
    "PAWS902",
    ERROR,
    "A file that cannot be read",
    "The file is missing, not a regular file, not text in the encoding it declares, or may not be read.",
    "",
)
INVALID_JSON = Code(
    "PAWS903",
    ERROR,
    "Broken JSON",
    "The file is not valid JSON.",
    "correct it at this place",
)
DUPLICATE_KEY = Code(
    "PAWS904",
    WARNING,
    "A key written twice",
    "Of two equal keys in one object only the last counts.",
    "remove one of them",
)
LEAVES_PROJECT = Code(
    "PAWS905",
    WARNING,
    "A link that leaves the project",
    "The symbolic link points outside the project, so what it names was not read.",
    "put a copy of the file into the project",
)
OUTPUT_EXISTS = Code(
    "PAWS906",
    ERROR,
    "Output that would overwrite files",
    "The output folder holds files with other content under the same names.",
    "choose another folder with --output, or pass --force",
)
OUTPUT_FAILED = Code(
    "PAWS907",
    ERROR,
    "Output that could not be written",
    "Writing failed; what was written has been taken back and the output folder is as it was.",
    "",
)
OUTPUT_IN_PROJECT = Code(
    "PAWS908",
    ERROR,
    "An output folder inside the project",
    "The source is never touched, and what lies in the project's folder would be read as part of "
    "it the next time.",
    "choose a folder outside the project with --output",
)
LEAVES_OUTPUT = Code(
    "PAWS909",
    ERROR,
    "A file that would be written outside the output folder",
    "Nothing outside the output folder is touched. The path leads out of it, by `..` or through a"
    " symbolic link.",
    "choose another folder with --output",
)
BROKEN_LINK = Code(
    "PAWS910",
    WARNING,
    "A link that leads nowhere",
    "The symbolic link's target does not exist, or the link leads back to a folder that it lies "
    "in, so it was not followed.",
    "remove it, or correct its target",
)
UNKNOWN_SETTING = Code(
    "PAWS911",
    ERROR,
    "A setting that paws does not have",
    "The key stands in [tool.paws] of pyproject.toml, and paws has no setting of that name.",
    "remove it, or correct its spelling",
)
INVALID_SETTING = Code(
    "PAWS912",
    ERROR,
    "A setting with a value that it cannot take",
    "The key stands in [tool.paws] of pyproject.toml. Its value has the wrong type, or is not "
    "among the choices.",
    "correct the value",
)
INVALID_TOML = Code(
    "PAWS913",
    ERROR,
    "Broken TOML",
    "The file is not valid TOML.",
    "correct it at this place",
)
LEFT_BEHIND = Code(
    "PAWS914",
    INFO,
    "Files that stay behind",
    "The files are not part of what is deployed, such as tests and documents. They are not in the output.",
    "take along what the new project needs too",
)
ROUTE_NOT_SHOWN = Code(
    "PAWS917",
    WARNING,
    "What a route's code does, and is not compared",
    "A route says which content types it takes, or that its answers have CORS headers. The other project's "
    "handler does its own routing, so that its source does not show it, and the two are not compared.",
    "see that the other handler answers 415 to other content types and sends the same headers, or use "
    "`paws verify --behaviour`",
)
TOOL_MISSING = Code(
    "PAWS915",
    ERROR,
    "A tool that is not installed",
    "`paws verify --with-tools` asks the frameworks' own tools, which are installed with the extra `verify`.",
    "pip install 'paws-convert[verify]'",
)
TOOL_FAILED = Code(
    "PAWS916",
    ERROR,
    "A tool that refuses the project",
    "One of the frameworks' own tools was asked what the project deploys, and failed. What it said stands "
    "in the reason.",
    "correct the project until the tool takes it",
)
CONFLICT = Code(
    "PAWS918",
    ERROR,
    "A conflict",
    "Both forms of the project changed in the same place since the last `paws sync`, each in its own way. "
    "Where the file is marked, both sides stand between `<<<<<<<` and `>>>>>>>`, as git writes them.",
    "choose what is to stay and remove the marks",
)
UNRESOLVED = Code(
    "PAWS919",
    ERROR,
    "A conflict that waits for its resolution",
    "`paws sync` has marked this conflict before, and both sides still stand in the file. Nothing is merged "
    "into it until somebody has chosen.",
    "choose what is to stay and remove the marks",
)
NO_LOCK = Code(
    "PAWS920",
    ERROR,
    "No lock file",
    "`paws convert` writes `.paws.lock` into the output folder: what it was converted from, and what was "
    "written. `paws sync` merges by it, and neither this folder nor the other form beside it has one.",
    "convert with `paws convert` and keep the lock in git, or write one for a pair that is there: "
    "`paws sync PROJECT --adopt OTHER`",
)
INVALID_LOCK = Code(
    "PAWS921",
    ERROR,
    "A lock file that cannot be read",
    "`.paws.lock` is written by paws and not meant to be edited. A newer version of paws may have written "
    "it, or a merge left both sides in it.",
    "take the lock of one side of the merge, as it is in git",
)
BOTH_FORMS_CHANGED = Code(
    "PAWS922",
    ERROR,
    "Changes that wait on the other side",
    "Changes of the output folder can be carried back into the project that was converted, when that has "
    "none of its own left to carry over.",
    "run `paws sync` first, then this again",
)
OTHER_VERSION = Code(
    "PAWS923",
    ERROR,
    "Another version of paws is wanted",
    "`required-version` in [tool.paws] says which versions may work on this project, so that everybody gets "
    "the same files.",
    "install a version that fits",
)
UNFINISHED = Code(
    "PAWS924",
    ERROR,
    "A run that was killed",
    "A run of paws was killed while it put its files into their places. What is missing lies in a folder "
    "`.paws-...` beside them; the next run that writes here finishes it first.",
    "run `paws sync` without --check, --diff or --dry-run",
)
NOT_ASKED_TO_RUN = Code(
    "PAWS925",
    ERROR,
    "A sync that has to run code",
    "The project was converted with `--introspect`, and without it the result would be another one. Running "
    "code has to be asked for each time.",
    "say --introspect here too",
)
NOT_ADOPTED = Code(
    "PAWS926",
    ERROR,
    "Projects that cannot be adopted",
    "`paws sync PROJECT --adopt OTHER` writes a lock for two projects that have none: the Chalice and the "
    "SAM form of one application.",
    "name a Chalice and a SAM project that have no lock file",
)
NOT_AUDITED = Code(
    "PAWS930",
    ERROR,
    "A project that could not be audited",
    "The conversion of this one of many projects failed, or took too long, and was given up. The others "
    "were audited.",
    "convert it by itself, with PAWS_DEBUG=1, and report what that prints",
)
LAYER_NOT_ADDED = Code(
    "PAWS931",
    ERROR,
    "A layer that could not be added",
    "`paws layer init` adds a layer to the lines of a template in YAML, and finds no place for it there, or "
    "something of the same name.",
    "choose another name with --name, or add the layer by hand",
)
