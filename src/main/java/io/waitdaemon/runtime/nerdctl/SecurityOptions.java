package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.OciSpec;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Set;

/** What the action may do, as options of {@code nerdctl create}. */
final class SecurityOptions {

    private static final String OPTION = "security-opt";

    /** containerd's and nerdctl's own for a container that asks for nothing (oci.populateDefaultUnixSpec, 1.6 to 2.1). */
    private static final Set<String> USUAL_CAPABILITIES = Set.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FSETID",
            "CAP_FOWNER",
            "CAP_MKNOD",
            "CAP_NET_RAW",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETFCAP",
            "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE",
            "CAP_SYS_CHROOT",
            "CAP_KILL",
            "CAP_AUDIT_WRITE");

    private final OciSpec spec;
    private final HandedFiles files;
    private final Options options;

    SecurityOptions(OciSpec spec, HandedFiles files, Options options) {
        this.spec = spec;
        this.files = files;
        this.options = options;
    }

    /** Whether the container was made privileged, with all of the machine's devices. */
    static boolean isPrivileged(OciSpec spec) {
        return Json.objects(Json.object(spec.linux(), "resources"), "devices").stream()
                .anyMatch(rule -> Json.isTrue(rule, "allow")
                        && !rule.containsKey("major")
                        && !rule.containsKey("minor")
                        && Json.text(rule, "access").equals("rwm"));
    }

    void add() {
        JsonObject seccomp = Json.object(spec.linux(), "seccomp");
        String profile = Json.text(spec.process(), "apparmorProfile");
        boolean masked = !Json.texts(spec.linux(), "maskedPaths").isEmpty();
        boolean readOnly = !Json.texts(spec.linux(), "readonlyPaths").isEmpty();
        if (isPrivileged(spec)) {
            options.flag("privileged");
            if (masked || readOnly) {
                losePaths();
            }
            if (!seccomp.isEmpty() || !profile.isEmpty()) {
                options.lose("the seccomp or AppArmor profile of a privileged container");
            }
        } else {
            capabilities();
            if (!masked && !readOnly) {
                options.add(OPTION, "systempaths=unconfined");
            } else if (!masked || !readOnly) {
                losePaths();
            }
            if (Json.isTrue(spec.process(), "noNewPrivileges")) {
                options.add(OPTION, "no-new-privileges");
            }
        }
        options.add(
                OPTION,
                "seccomp=" + (seccomp.isEmpty() ? "unconfined" : files.hand("seccomp.json", seccomp.toString())));
        options.add(OPTION, "apparmor=" + (profile.isEmpty() ? "unconfined" : profile));
        if (!Json.text(spec.process(), "selinuxLabel").isEmpty()) {
            options.lose("the SELinux label; nerdctl gives it one of its own");
        }
    }

    private void capabilities() {
        JsonObject capabilities = Json.object(spec.process(), "capabilities");
        List<String> bounding = Json.texts(capabilities, "bounding");
        if (!Set.copyOf(bounding).equals(USUAL_CAPABILITIES)) {
            options.add("cap-drop", "ALL").addAll("cap-add", bounding);
        }
        for (String set : List.of("effective", "permitted")) {
            if (!Set.copyOf(Json.texts(capabilities, set)).equals(Set.copyOf(bounding))) {
                options.lose("its own choice of " + set + " capabilities, which become those of the bounding set");
            }
        }
        for (String set : List.of("inheritable", "ambient")) {
            if (!Json.texts(capabilities, set).isEmpty()) {
                options.lose("the " + set + " capabilities");
            }
        }
    }

    private void losePaths() {
        options.lose("its own choice of paths that are masked or read-only");
    }
}
